import type { Config, PeerConfig, PeerRangeConfig } from './config.ts';

/** The number of peers that one note names. */
const mostNamed = 5;

/** Returns what applies although the file does not say it; `check` prints it. */
export function notesOf(config: Config): string[] {
  const { peers, peerRanges } = config;
  const named: readonly Named[] = [
    ...peers.map((peer) => ({ peer, name: peer.name })),
    ...peerRanges.map((range) => ({ peer: range, name: range.rangeText })),
  ];
  const observers = named.filter(({ peer }) => peer.observer);
  const others = named.filter(({ peer }) => !peer.observer);
  return [
    ...limitNotes(others, 'ten times max_prefix and at least 1000'),
    ...limitNotes(observers, 'the default for an observer'),
    ...debounceNote(config),
  ];
}

interface Named {
  readonly peer: PeerConfig | PeerRangeConfig;
  readonly name: string;
}

/** Returns a note for each limit that follows from a rule and not from the file. */
function limitNotes(peers: readonly Named[], rule: string): string[] {
  const byLimit = Map.groupBy(peers, ({ peer }) => defaultLimit(peer));
  return [...byLimit].flatMap(([limit, rows]) =>
    limit === undefined ? [] : [limitNote(limit, rows, rule)],
  );
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

function limitNote(limit: number, rows: readonly Named[], rule: string): string {
  const names = rows.slice(0, mostNamed).map(({ name }) => name);
  const more = rows.length > mostNamed ? ` and ${rows.length - mostNamed} more` : '';
  return (
    `max_prefix_received is ${limit} for ${names.join(', ')}${more}: ${rule}; the session of a peer ` +
    'that sends more is closed with 6/1 for 60 s'
  );
}
