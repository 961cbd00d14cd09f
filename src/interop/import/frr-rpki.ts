import type { FrrLine } from './frr-lines.ts';
import type { ImportedCache, ImportedRpki } from './model.ts';

const times: Readonly<Record<string, 'refresh' | 'retry' | 'expire'>> = {
  polling_period: 'refresh',
  retry_interval: 'retry',
  expire_interval: 'expire',
};

/** Reads what begins with `rpki`; `undefined` if it has no cache that can be reached over TCP. */
export function frrRpki(
  lines: readonly FrrLine[],
  note: (line: number, text: string) => void,
): ImportedRpki | undefined {
  const caches: ImportedCache[] = [];
  const given: Partial<Record<'refresh' | 'retry' | 'expire', string>> = {};
  for (const { words, line } of lines) {
    const text = words.join(' ');
    if (words[0] !== 'rpki' || text === 'rpki') continue;
    const cache = cacheOf(text);
    const [, key = '', seconds] = /^rpki (\w+) (\d+)$/.exec(text) ?? [];
    if (cache !== undefined) caches.push(cache);
    else if (times[key] !== undefined) given[times[key]] = `${seconds}s`;
    else note(line, `left out: ${text}`);
  }
  return caches.length === 0 ? undefined : { caches, ...given };
}

/** `rpki cache [tcp] ADDRESS PORT [source ADDRESS] preference N`; over SSH there are a user and keys before that. */
function cacheOf(text: string): ImportedCache | undefined {
  const pattern =
    /^rpki cache (?:tcp )?([0-9a-fA-F.:]+) (\d+)(?: source [0-9a-fA-F.:]+)? preference (\d+)$/;
  const [, host, port, preference] = pattern.exec(text) ?? [];
  if (host === undefined) return undefined;
  const at = host.includes(':') ? `[${host}]` : host;
  return { address: `${at}:${port}`, preference: Number(preference) };
}
