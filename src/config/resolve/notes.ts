import type { Config, PeerConfig, PeerRangeConfig } from '../config.ts';

/** Peers of one note that are named. */
const mostNamed = 5;

/** What nobody wrote and what may end a session all the same; `check` prints it. */
export function notesOf({ peers, peerRanges }: Config): string[] {
  const named = [
    ...peers.map((peer) => ({ peer, name: peer.name })),
    ...peerRanges.map((range) => ({ peer: range, name: range.rangeText })),
  ];
  const byLimit = Map.groupBy(named, ({ peer }) => defaultLimit(peer));
  return [...byLimit].flatMap(([limit, rows]) =>
    limit === undefined ? [] : [limitNote(limit, rows)],
  );
}

/** The least of its families. */
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
    'least 1000; whoever sends more is ended with 6/1 for 60 s'
  );
}
