import { messageOf } from '#text/message-of.ts';
import type { ReloadResult } from './apply-config.ts';
import type { KeptConfigs } from './kept-configs.ts';

/** What a user may do whose reload is refused. */
export const ifMeant =
  'check with `fingerpost plan`; if this is intended, use `fingerpost reload --force`';

/** Why only commands about the waiting reload are accepted while a reload waits to be confirmed. */
export const waits = (until: string): string =>
  `a reload waits for confirmation until ${until}; use \`fingerpost confirm\`, \`fingerpost reload --rollback\` or \`fingerpost reload --confirm\` first`;

export const withoutStore =
  '; without state_dir, a daemon that ends before then starts with the file';
export const otherStateDir =
  'reload refused: state_dir differs, so a start after a crash would not find the confirmed configuration; change it without --confirm';

export function notKeptText(nothing: string, error: unknown): string {
  return `${nothing}, because it could not be stored: ${messageOf(error)} (--volatile does it anyway)`;
}

/** Returns why there is nothing to confirm and nothing to go back to. */
export function nothingWaits(kept: KeptConfigs): string {
  const nothing = 'no reload is waiting for confirmation';
  if (!kept.isUnconfirmed || kept.confirmed === undefined) return nothing;
  if (kept.filesDiffer === false) {
    return `${nothing}; the confirmed configuration ${kept.confirmed.hash} is running, the same as the file on disk`;
  }
  return `${nothing}; the confirmed configuration ${kept.confirmed.hash} is running, not the file on disk; \`fingerpost reload\` applies the file`;
}

/** Returns `reloaded; W1: policy (import); W2: add; applied: http, services`. */
export function resultText({ peers, applied, needRestart, notOurs }: ReloadResult): string {
  const rows = peers.map(({ peer, effect, why, letsIn }) => {
    const keys = why.length === 0 ? '' : ` (${why.join(', ')})`;
    return `${peer}: ${effect}${keys}${letsIn === true ? ', reconnection allowed' : ''}`;
  });
  const taken = applied.length === 0 ? [] : [`applied: ${applied.join(', ')}`];
  const restart =
    needRestart.length === 0 ? [] : [`restart required for: ${needRestart.join(', ')}`];
  const handed = notOurs.map(
    (key) => `${key}: no effect because the sockets were passed in by systemd`,
  );
  const parts = [...rows, ...taken, ...restart, ...handed];
  return parts.length === 0 ? 'reloaded; nothing changed' : `reloaded; ${parts.join('; ')}`;
}
