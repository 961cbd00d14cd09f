import type { PeerMetricsView } from '#api/views/metrics.ts';
import type { PeerView, PrefixCounts } from '#api/views/peer.ts';
import type { FamilyName } from '#wire/constants.ts';
import { stateTexts } from '#words/text.ts';
import { filterText } from './bird-words.ts';
import { changeCounts } from './change-counts.ts';
import { clockTime } from './envelope.ts';
import { protocolKey } from './protocol-key.ts';
import { tableOf } from './tables.ts';

/**
 * The state of BIRD's protocol. Alice-LG takes every word that it does not know for `up`, so the state of the session
 * is never shown here.
 */
function protocolState({ state, enabled }: PeerView): 'up' | 'start' | 'down' {
  if (!enabled) return 'down';
  return state === 'established' ? 'up' : 'start';
}

/** Returns the peers as BIRD's protocols, by their keys. */
export function protocols(peers: readonly PeerMetricsView[]): Record<string, object> {
  return Object.fromEntries(peers.map((peer) => [protocolKey(peer.view.name), protocol(peer)]));
}

/** Returns the peers as `show protocols` lists them. */
export function shortProtocols(peers: readonly PeerView[]): Record<string, object> {
  const rows = peers.map((view) => [
    protocolKey(view.name),
    {
      proto: 'BGP',
      table: mainTable(view),
      state: protocolState(view),
      since: clockTime(view.since),
      info: stateTexts[view.state],
    },
  ]);
  return Object.fromEntries(rows);
}

function protocol(peer: PeerMetricsView): object {
  const { view } = peer;
  const routes = routeCounts(view.prefixes);
  return {
    protocol: protocolKey(view.name),
    bird_protocol: 'BGP',
    table: mainTable(view),
    state: protocolState(view),
    state_changed: clockTime(view.since),
    connection: stateTexts[view.state],
    bgp_state: stateTexts[view.state],
    neighbor_address: view.address,
    neighbor_as: view.peer_as ?? 0,
    neighbor_id: view.router_id ?? '',
    description: view.description ?? view.name,
    last_error: view.last_error?.text ?? '',
    source_address: view.local_address ?? '',
    session: sessionText(view),
    ...holdTimer(view),
    ...(view.limit.accepted !== undefined && { import_limit: view.limit.accepted.limit }),
    input_filter: filterText(view.import),
    output_filter: filterText(view.export),
    routes,
    channels: channels(view),
    route_changes: routeChanges(peer),
  };
}

function mainTable({ families }: PeerView): string {
  return families.length === 1 ? tableOf(families[0]) : 'master';
}

function sessionText({ peer_as: peerAs, local_as: localAs }: PeerView): string {
  const kind = peerAs === localAs ? 'internal' : 'external route-server';
  return `${kind} AS4`;
}

/** Returns how much of the hold time is left, and the hold time. */
function holdTimer({ hold_time_s: hold, hold_remaining_s: left }: PeerView): object {
  if (hold === undefined || left === undefined) return {};
  return { hold_timer: `${Number(left.toFixed(1))}/${hold}` };
}

/** The words are BIRD's: imported routes are those that policy accepted. */
function routeCounts({ accepted, rejected, advertised, best }: PrefixCounts) {
  return { imported: accepted, filtered: rejected, exported: advertised, preferred: best };
}

/** Returns the counts under both names: birdwatcher calls them `routes`, and Alice-LG reads `routes_count`. */
function channels({ state, prefixes }: PeerView): object {
  const rows = Object.entries(prefixes.per_family).map(([family, counts]) => {
    const table = tableOf(family as FamilyName);
    const routes = routeCounts(counts);
    const isUp = state === 'established';
    const channel = { table, state: isUp ? 'UP' : 'DOWN', routes, routes_count: routes };
    return [table.replace('master', 'ipv'), channel];
  });
  return Object.fromEntries(rows);
}

function routeChanges(peer: PeerMetricsView): object {
  const { announcedIn, withdrawnIn, announcedOut, withdrawnOut, filtered } = changeCounts(peer);
  const accepted = Math.max(0, announcedIn - filtered);
  return {
    import_updates: { received: announcedIn, rejected: 0, filtered, ignored: 0, accepted },
    import_withdraws: { received: withdrawnIn, rejected: 0, ignored: 0, accepted: withdrawnIn },
    export_updates: { received: announcedOut, rejected: 0, filtered: 0, accepted: announcedOut },
    export_withdraws: { received: withdrawnOut, accepted: withdrawnOut },
  };
}
