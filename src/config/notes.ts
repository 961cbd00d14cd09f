import type { Config, PeerConfig, PeerRangeConfig } from './config.ts';

/** The number of peers that one note names. */
const mostNamed = 5;

/** Returns what applies although the file does not say it; `check` prints it. */
export function notesOf(config: Config): string[] {
  const { peers, peerRanges } = config;
  const named = [
    ...peers.map((peer) => ({ peer, name: peer.name })),
    ...peerRanges.map((range) => ({ peer: range, name: range.rangeText })),
  ];
  const byLimit = Map.groupBy(named, ({ peer }) => defaultLimit(peer));
  return [
    ...[...byLimit].flatMap(([limit, rows]) =>
      limit === undefined ? [] : [limitNote(limit, rows)],
    ),
    ...debounceNote(config),
  ];
}

/**
 * If siblings are compared: a difference that only means that one server has not noticed a change yet does not
 * count.
 */
function debounceNote({ peers, coherence }: Config): string[] {
  const { debounceMs, askedDebounceMs } = coherence;
  if (debounceMs === askedDebounceMs || !peers.some(({ observer }) => observer)) return [];
  const [actual, asked] = [debounceMs, askedDebounceMs].map((ms) => `${ms / 1000}s`);
  return [
    `coherence.debounce is ${actual} instead of ${asked}: it must be at least the longest hold_time and 5 s, because the loss of a peer may stay unnoticed for that long`,
  ];
}

/** Returns the lowest limit of its families. */
function defaultLimit(peer: PeerConfig | PeerRangeConfig): number | undefined {
  const limits = peer.families.flatMap((family) => {
    const received = peer.maxPrefixReceived[family];
    return received?.isDefault === true ? [received.limit] : [];
  });
  return limits.length === 0 ? undefined : Math.min(...limits);
}

function limitNote(limit: number, rows: readonly { readonly name: string }[]): string {
  const names = rows.slice(0, mostNamed).map(({ name }) => name);
  const more = rows.length > mostNamed ? ` and ${rows.length - mostNamed} more` : '';
  return (
    `max_prefix_received is ${limit} for ${names.join(', ')}${more}: ten times max_prefix and at ` +
    'least 1000; the session of a peer that sends more is closed with 6/1 for 60 s'
  );
}
