import type { PathView } from '#api/views/path.ts';
import type { PeerFacts, SiteFinding } from '../facts.ts';

/** Findings that need several peers, or the whole configuration. */
export const siteFindings: readonly SiteFinding[] = [
  {
    code: 'equal_router_ids',
    severity: 'error',
    find: ({ peers, routerId }) => {
      const byId = Map.groupBy(peers, ({ view }) => view.router_id);
      return [...byId].flatMap(([id, having]) => {
        if (id === undefined || (having.length < 2 && id !== routerId)) return [];
        const names = having.map(({ view }) => view.name).join(', ');
        return {
          text:
            id === routerId
              ? 'a peer has the BGP identifier of this route server'
              : 'peers have the same BGP identifier: ties between them are decided by address',
          evidence: `${id}: ${names}`,
          ...(id === routerId && { ours: 'router_id: a different one' }),
          theirs: 'a different router id for each',
        };
      });
    },
  },
  {
    code: 'history_not_written',
    severity: 'error',
    find: ({ historyFailure, config: { stateDir } }) =>
      historyFailure === undefined
        ? []
        : [
            {
              text: 'events are not written to state_dir, and are lost when the daemon ends',
              evidence: historyFailure,
              ours: `free space in ${stateDir ?? 'state_dir'}, or let the daemon write there; it tries again by itself`,
            },
          ],
  },
  {
    code: 'stalled',
    severity: 'warning',
    find: ({ stall }) =>
      stall === undefined
        ? []
        : [
            {
              text: 'this daemon served no peer for a while, and sessions may have ended because of that',
              evidence: `${stall.text}, until ${stall.until}`,
              ours: 'more processor time or memory for this machine and no pauses, or a longer hold_time',
            },
          ],
  },
  {
    code: 'tie',
    severity: 'warning',
    find: ({ rivals }) =>
      rivals.flatMap(({ prefix, paths }) => {
        const [best, second] = paths;
        if (second === undefined || !isTie(best, second)) return [];
        return {
          text: 'two nodes announce the same MED: other route servers may choose differently',
          evidence: `${prefix}: ${best.peer} and ${second.peer} with MED ${best.med ?? 0}`,
          theirs: 'a different MED for each node',
        };
      }),
  },
  {
    code: 'origin_differs',
    severity: 'warning',
    find: ({ rivals }) =>
      rivals.flatMap(({ prefix, paths }) => {
        const [best] = paths;
        const other = paths.find((path) => isTie(best, path, false) && path.origin !== best.origin);
        if (other === undefined) return [];
        return {
          text: 'equal routes differ in ORIGIN, so that routers do not share load between them (ECMP)',
          evidence: `${prefix}: ${best.peer} ${best.origin}, ${other.peer} ${other.origin}`,
          theirs: 'the same ORIGIN at all nodes (`origin igp`)',
        };
      }),
  },
  {
    code: 'stricter_next_hop',
    severity: 'info',
    find: stricter(
      ({ acceptNextHop }) => acceptNextHop === 'peer',
      'only the address of the peer is accepted as next hop; BIRD and FRR accept any',
      'accept_next_hop: any does the same',
    ),
  },
  {
    code: 'stricter_first_as',
    severity: 'info',
    find: stricter(
      ({ enforceFirstAs }) => enforceFirstAs,
      'the first AS of the path must be that of the peer; BIRD before 3 does not check it',
      'enforce_first_as: false does the same',
    ),
  },
  {
    code: 'stricter_as_set',
    severity: 'info',
    find: stricter(
      ({ allowAsSets }) => !allowAsSets,
      'routes with an AS_SET are refused (RFC 9774); older siblings accept them',
      'allow_as_sets: true does the same',
    ),
  },
  {
    code: 'stricter_hold_time',
    severity: 'info',
    find: stricter(
      ({ holdTimeSec, minHoldTimeSec }) => holdTimeSec > 0 && minHoldTimeSec > 0,
      'a hold time of 0 is refused with 2/6; BIRD and FRR accept it',
      'min_hold_time: 0 does the same',
    ),
  },
  {
    code: 'stricter_limit',
    severity: 'info',
    find: stricter(
      ({ maxPrefixReceived }) => maxPrefixReceived.some((limit) => limit?.isDefault === true),
      'a limit on received prefixes applies that is not in the configuration (ten times max_prefix, at least 1000)',
      'set max_prefix_received',
    ),
  },
];

/** Returns the sources whose routes a plain BIRD or FRR would have treated differently. */
function stricter(
  isSo: (config: PeerFacts['config']) => boolean,
  text: string,
  ours: string,
): SiteFinding['find'] {
  return ({ peers }) => {
    const names = peers
      .filter(({ config, view }) => view.kind === 'source' && isSo(config))
      .map(({ view }) => view.name);
    if (names.length === 0) return [];
    return [{ text, evidence: namesText(names), ours }];
  };
}

const mostNamed = 10;

function namesText(names: readonly string[]): string {
  const more = names.length > mostNamed ? ` and ${names.length - mostNamed} more` : '';
  return names.slice(0, mostNamed).join(', ') + more;
}

/** Returns whether only the router id or the address decides, or, with `withOrigin` false, the ORIGIN too. */
function isTie(one: PathView, other: PathView, withOrigin = true): boolean {
  return (
    one !== other &&
    one.drained === other.drained &&
    (one.local_pref ?? 100) === (other.local_pref ?? 100) &&
    one.as_path.length === other.as_path.length &&
    (one.med ?? 0) === (other.med ?? 0) &&
    (!withOrigin || one.origin === other.origin)
  );
}
