import type { PrefixCounts } from '#api/views/peer.ts';
import { type FamilyName, familyNames } from '#wire/constants.ts';
import { stateTexts } from '#words/text.ts';
import { filterText } from '../birdwatcher/bird-words.ts';
import { type ChangeCounts, changeCounts } from '../birdwatcher/change-counts.ts';
import type { Labels, Row, Sample, Scrape, ScrapedPeer } from './metric-row.ts';

/**
 * The page of bird_exporter (github.com/czerwonk/bird_exporter) in its "new" format, for dashboards and alerts that
 * also read it from a BIRD. All of its metrics are gauges, whatever they count.
 */
export const birdMetricRows: readonly Row[] = [
  perChannel('up', 'Protocol is up', (peer) => ({
    labels: { state: stateTexts[peer.counted.view.state] },
    value: Number(peer.counted.view.state === 'established'),
  })),
  perChannel('uptime', 'Uptime of the protocol in seconds', ({ counted }) => ({
    value: counted.view.uptime_s,
  })),
  ...prefixRows(),
  ...changeRows(),
  daemonRow('bird_daemon_up', 'Daemon is up', () => ({ value: 1 })),
  daemonRow('bird_daemon_info', 'Information about the daemon', ({ status }) => ({
    labels: { router_id: status.router_id, version: `fingerpost ${status.version}` },
    value: 1,
  })),
  daemonRow('bird_last_reboot_timestamp_seconds', 'Time of the last start', ({ status }) => ({
    value: Date.parse(status.started_at) / 1000,
  })),
  daemonRow('bird_last_reconfig_timestamp_seconds', 'Time of the last reload', ({ view }) => ({
    value: view.config.last_reload_success_s,
  })),
  daemonRow('bird_server_time_timestamp_seconds', 'Time of the server', ({ wallMs }) => ({
    value: wallMs / 1000,
  })),
  daemonRow('bird_socket_query_success', 'Result of querying the daemon', () => ({ value: 1 })),
];

interface Point {
  readonly labels?: Labels;
  readonly value: number;
}

function daemonRow(name: string, help: string, read: (scrape: Scrape) => Point): Row {
  return {
    name,
    type: 'gauge',
    help,
    *samples(scrape) {
      const { labels = {}, value } = read(scrape);
      yield { labels, value };
    },
  };
}

/**
 * One series for each family of a peer, which is a channel in BIRD. Peers of a range that have left are not included.
 */
function perChannel(
  name: string,
  help: string,
  read: (peer: ScrapedPeer, family: FamilyName, counts: PrefixCounts) => Point,
): Row {
  return {
    name: `bird_protocol_${name}`,
    type: 'gauge',
    help,
    *samples({ peers }): Generator<Sample> {
      for (const peer of peers) {
        const { view } = peer.counted;
        if (view.range !== undefined && view.state !== 'established') continue;
        for (const family of familyNames) {
          const counts = view.prefixes.per_family[family];
          if (counts === undefined) continue;
          const { labels, value } = read(peer, family, counts);
          yield { labels: { ...channelLabels(peer, family), ...labels }, value };
        }
      }
    },
  };
}

function channelLabels({ counted: { view } }: ScrapedPeer, family: FamilyName): Labels {
  return {
    name: view.name,
    proto: 'BGP',
    ip_version: family === 'ipv4_unicast' ? '4' : '6',
    import_filter: filterText(view.import),
    export_filter: filterText(view.export),
  };
}

function prefixRows(): Row[] {
  const tables = [
    ['import', 'imported', 'accepted'],
    ['export', 'exported', 'advertised'],
    ['filter', 'filtered', 'rejected'],
    ['preferred', 'preferred', 'best'],
  ] as const;
  return tables.map(([name, word, table]) =>
    perChannel(`prefix_${name}_count`, `Number of ${word} routes`, (_peer, _family, counts) => ({
      value: counts[table],
    })),
  );
}

/** BIRD counts how a change was decided; here every change that is offered to a peer is accepted. */
function changeRows(): Row[] {
  const counts: Readonly<Record<string, (changes: ChangeCounts) => number>> = {
    update_import_receive: ({ announcedIn }) => announcedIn,
    update_import_filter: ({ filtered }) => filtered,
    update_import_accept: ({ announcedIn, filtered }) => Math.max(0, announcedIn - filtered),
    withdraw_import_receive: ({ withdrawnIn }) => withdrawnIn,
    withdraw_import_accept: ({ withdrawnIn }) => withdrawnIn,
    update_export_receive: ({ announcedOut }) => announcedOut,
    update_export_accept: ({ announcedOut }) => announcedOut,
    withdraw_export_receive: ({ withdrawnOut }) => withdrawnOut,
    withdraw_export_accept: ({ withdrawnOut }) => withdrawnOut,
  };
  const rows: Row[] = [];
  for (const kind of ['update', 'withdraw'])
    for (const way of ['import', 'export'])
      for (const end of ['receive', 'reject', 'filter', 'ignore', 'accept']) {
        const name = `${kind}_${way}_${end}`;
        const read = counts[name] ?? (() => 0);
        rows.push(
          perChannel(
            `changes_${name}_count`,
            `Number of ${kind}s: ${way}, ${end}`,
            (peer, family) => ({
              value: read(changeCounts(peer.counted, family)),
            }),
          ),
        );
      }
  return rows;
}
