import { split, textOf, type Token } from './bird-tokens.ts';
import type { ImportedCache, ImportedRpki } from './model.ts';

/** The port of RTR without SSH or TLS, which BIRD takes by default. */
const rtrPort = 323;

const timers = ['refresh', 'retry', 'expire'] as const;

/** Collects the RTR caches of `protocol rpki`. */
export class BirdRpki {
  private readonly caches: ImportedCache[] = [];
  private readonly times: Partial<Record<(typeof timers)[number], string>> = {};
  private readonly note: (line: number, text: string) => void;

  constructor(note: (line: number, text: string) => void) {
    this.note = note;
  }

  /** Reads the body of a protocol. */
  take(name: string, line: number, body: readonly Token[]): void {
    const statements = split(body, ';').filter(([first]) => first !== undefined);
    const words = statements.map(textOf);
    const [, host, inline] = find(words, /^remote (\S+)(?: port (\d+))?$/);
    const [, port = inline] = find(words, /^port (\d+)$/);
    if (host === undefined || !/^[0-9a-fA-F.:]+$/.test(host)) {
      this.note(line, `left out: protocol rpki ${name}: its cache has no address`);
      return;
    }
    if (words.some((text) => text.startsWith('transport ssh'))) {
      this.note(line, `left out: protocol rpki ${name}: RTR over SSH is not supported`);
      return;
    }
    const at = host.includes(':') ? `[${host}]` : host;
    this.caches.push({ name, address: `${at}:${port ?? rtrPort}` });
    for (const key of timers) {
      const [, seconds] = find(words, new RegExp(`^${key} (?:keep )?(\\d+)$`));
      if (seconds !== undefined) this.times[key] ??= `${seconds}s`;
    }
  }

  /** `undefined` if there are no caches. BIRD uses all of them at once, and we one after the other. */
  get rpki(): ImportedRpki | undefined {
    if (this.caches.length === 0) return undefined;
    return { caches: this.caches, ...this.times };
  }
}

function find(words: readonly string[], pattern: RegExp): (string | undefined)[] {
  for (const text of words) {
    const found = pattern.exec(text);
    if (found !== null) return [...found];
  }
  return [];
}

/** What `roa_check` answers, and what we call that. */
export const birdOriginStates = {
  ROA_VALID: 'valid',
  ROA_INVALID: 'invalid',
  ROA_UNKNOWN: 'not_found',
} as const;
