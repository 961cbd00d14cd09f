import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { bench, type Bench } from '../app.ts';

async function page(change?: (running: Bench) => void): Promise<string> {
  await using running = await bench();
  change?.(running);
  return (await running.app.inject('/metrics')).body;
}

async function birdPage(change?: (running: Bench) => void): Promise<string> {
  await using running = await bench();
  change?.(running);
  return (await running.app.inject('/metrics/bird')).body;
}

const w1 =
  'peer="W1",peer_address="2001:db8:6::11",peer_as="65001",peer_group="exabgp",kind="source"';
const dr7 =
  'peer="DR7",peer_address="2001:db8:1::7",peer_as="65003",peer_group="routers",kind="client"';
const dr8 =
  'peer="DR8",peer_address="2001:db8:1::8",peer_as="65003",peer_group="routers",kind="client"';

const series = [
  `fingerpost_build_info{version="0.1.0",revision="unknown",node_version="${process.version}"} 1`,
  'fingerpost_info{router_id="1.1.1.9",local_as="65002"} 1',
  'fingerpost_ready 1',
  'fingerpost_config_last_reload_successful 1',
  'fingerpost_config_last_reload_success_timestamp_seconds 1763845047',
  'fingerpost_config_hash_info{hash="0123456789abcdef"} 1',
  `fingerpost_peer_up{${w1}} 1`,
  `fingerpost_peer_up{${dr7}} 0`,
  `fingerpost_peer_admin_up{${dr7}} 1`,
  `fingerpost_peer_admin_up{${dr8}} 0`,
  `fingerpost_peer_state{${w1},state="established"} 1`,
  `fingerpost_peer_state{${w1},state="idle"} 0`,
  `fingerpost_peer_state{${dr7},state="active"} 1`,
  `fingerpost_peer_last_state_change_timestamp_seconds{${w1}} 1763846723.019`,
  `fingerpost_peer_established_transitions_total{${w1}} 1`,
  `fingerpost_peer_session_drops_total{${w1},reason="hold_timer_expired"} 0`,
  `fingerpost_peer_session_drops_total{${dr7},reason="hold_timer_expired"} 2`,
  `fingerpost_peer_messages_total{${w1},direction="in",type="keepalive"} 362`,
  `fingerpost_peer_messages_total{${w1},direction="out",type="notification"} 0`,
  `fingerpost_peer_bytes_total{${w1},direction="in"} 4096`,
  `fingerpost_peer_notifications_total{${dr7},direction="out",code="4",subcode="0"} 2`,
  `fingerpost_peer_update_errors_total{${w1},action="treat_as_withdraw"} 0`,
  `fingerpost_peer_hold_time_seconds{${w1}} 6`,
  `fingerpost_peer_keepalive_time_seconds{${w1}} 2`,
  `fingerpost_peer_output_queue_bytes{${w1}} 0`,
  `fingerpost_peer_prefixes{${w1},afi="ipv6",safi="unicast",table="rejected"} 1`,
  `fingerpost_peer_prefixes{${w1},afi="ipv6",safi="unicast",table="stale"} 0`,
  `fingerpost_peer_prefix_limit{${w1},afi="ipv6",safi="unicast",counts="accepted"} 10`,
  `fingerpost_peer_prefix_changes_total{${w1.replace(',kind="source"', '')},afi="ipv6",safi="unicast",direction="in",kind="announce"} 3`,
  `fingerpost_peer_rejected_total{${w1},afi="ipv6",safi="unicast",reason="prefix_not_allowed"} 1`,
  'fingerpost_rib_prefixes{afi="ipv6",safi="unicast"} 3',
  'fingerpost_rib_paths{afi="ipv6",safi="unicast"} 9',
  'fingerpost_rib_best_changes_total{afi="ipv6",safi="unicast"} 4',
  'fingerpost_best_path_seconds_bucket{le="0.001"} 3',
  'fingerpost_best_path_seconds_bucket{le="+Inf"} 5',
  'fingerpost_best_path_seconds_sum 0.25',
  'fingerpost_best_path_seconds_count 5',
  'fingerpost_slice_seconds_bucket{le="0.02"} 7',
  'fingerpost_timer_lateness_seconds_bucket{timer="hold",le="0.01"} 0',
  'fingerpost_timer_lateness_seconds_count{timer="keepalive"} 0',
  'fingerpost_service_best{prefix="2001:db8:30::1/128",peer="W2",node="w2"} 1',
  'fingerpost_service_paths{prefix="2001:db8:30::1/128"} 3',
  'fingerpost_service_paths{prefix="2001:db8:30::4/128"} 0',
  'fingerpost_service_backups{prefix="2001:db8:30::1/128"} 1',
  'fingerpost_service_backups{prefix="2001:db8:30::4/128"} 0',
  'fingerpost_service_best_med{prefix="2001:db8:30::1/128"} 101',
  'fingerpost_service_best_changes_total{prefix="2001:db8:30::1/128"} 1',
  'fingerpost_service_preferred{prefix="2001:db8:30::1/128"} 0',
  'fingerpost_service_preferred{prefix="2001:db8:30::2/128"} 1',
  'fingerpost_update_propagation_seconds_count{afi="ipv6",kind="announce"} 0',
  'fingerpost_failover_seconds_count{trigger="peer_down"} 0',
  'fingerpost_failover_stage_seconds_count{stage="acked"} 0',
  'fingerpost_history_written 1',
  'fingerpost_history_size_bytes 4096',
  'fingerpost_history_dropped_total 0',
  'fingerpost_unknown_source_calls_total 0',
  'fingerpost_sse_clients 0',
];

test('every metric has the value that the core counts', async () => {
  const lines = (await page()).split('\n');
  expect(lines).toEqual(expect.arrayContaining(series));
});

test('promtool reports nothing', async () => {
  const text = await page();
  const checked = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
  expect([checked.status, checked.stdout, checked.stderr]).toEqual([0, '', '']);
});

test('an unknown hold time has no series, and a removed peer leaves none', async () => {
  const text = await page(({ daemon }) => {
    daemon.listPeers = daemon.listPeers.filter(({ name }) => name !== 'W1');
  });
  expect(text).not.toMatch(/fingerpost_peer_\w+\{peer="W1"/);
  expect(text).not.toMatch(/fingerpost_peer_hold_time_seconds\{peer="DR7"/);
});

test('the three misnamed defaults of the client library are absent, and its process metrics are present', async () => {
  const text = await page();
  expect(text).not.toMatch(/nodejs_active_(?:handles|requests|resources)_total/);
  expect(text).toContain('process_resident_memory_bytes');
});

test('requests are timed by route, never by URL', async () => {
  await using running = await bench();
  await running.app.inject('/api/v1/peers/W1');
  await running.app.inject('/api/v1/peers/W9');
  await running.app.inject('/nope/1');
  const text = (await running.app.inject('/metrics')).body;
  const counts = text
    .split('\n')
    .filter((line) => line.includes('_request_duration_seconds_count'));
  expect(counts).toEqual([
    'fingerpost_http_request_duration_seconds_count{method="GET",route="/api/v1/peers/:name",code="200"} 1',
    'fingerpost_http_request_duration_seconds_count{method="GET",route="/api/v1/peers/:name",code="404"} 1',
    'fingerpost_http_request_duration_seconds_count{method="GET",route="unknown",code="404"} 1',
  ]);
});

test('overlapping scrapes share a page, which is made one metric at a time', async () => {
  await using running = await bench();
  let taken = 0;
  const { metrics } = running.daemon;
  running.daemon.metrics = () => {
    taken++;
    return metrics();
  };
  const [one, two] = await Promise.all([
    running.app.inject('/metrics'),
    running.app.inject('/metrics'),
  ]);
  expect(two.body).toBe(one.body);
  expect(taken).toBe(1);
  expect(running.slices()).toBeGreaterThan(25);
});

test('a metric with very many samples is made in parts, under one head', async () => {
  await using running = await bench();
  const [peer] = running.daemon.listPeers;
  const many = 1000;
  running.daemon.listPeers = Array.from({ length: many }, (_, at) => ({ ...peer, name: `W${at}` }));
  const turns = async (): Promise<[turns: number, body: string]> => {
    const before = running.slices();
    const { body } = await running.app.inject('/metrics');
    return [running.slices() - before, body];
  };
  const [ofMany, body] = await turns();
  running.daemon.listPeers = [peer];
  const [ofOne] = await turns();
  // Each peer has 6 states, 10 counts of messages and 7 of prefixes.
  expect(ofMany - ofOne).toBeGreaterThan((23 * many) / 500);
  expect(body.match(/^# TYPE fingerpost_peer_state gauge$/gm)).toHaveLength(1);
  expect(body.match(/^fingerpost_peer_state\{.*state="established"\} 1$/gm)).toHaveLength(many);
});

test('label values are escaped', async () => {
  const text = await page(({ daemon }) => {
    daemon.listPeers = [{ ...daemon.listPeers[0], group: 'a"b\\c\nd' }];
  });
  expect(text).toContain('peer_group="a\\"b\\\\c\\nd"');
});

describe('the page of bird_exporter', () => {
  const w1Channel =
    'name="W1",proto="BGP",ip_version="6",import_filter="only_loopbacks",export_filter="REJECT"';
  const dr7Channel =
    'name="DR7",proto="BGP",ip_version="6",import_filter="REJECT",export_filter="ACCEPT"';

  test('has sessions, routes and changes with the names of bird_exporter', async () => {
    const lines = (await birdPage()).split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        `bird_protocol_up{${w1Channel},state="Established"} 1`,
        `bird_protocol_up{${dr7Channel},state="Active"} 0`,
        `bird_protocol_uptime{${w1Channel}} 724`,
        `bird_protocol_prefix_import_count{${w1Channel}} 3`,
        `bird_protocol_prefix_filter_count{${w1Channel}} 1`,
        `bird_protocol_prefix_preferred_count{${w1Channel}} 1`,
        `bird_protocol_prefix_export_count{${dr7Channel}} 0`,
        `bird_protocol_changes_update_import_receive_count{${w1Channel}} 3`,
        `bird_protocol_changes_update_import_filter_count{${w1Channel}} 1`,
        'bird_daemon_info{router_id="1.1.1.9",version="fingerpost 0.1.0"} 1',
        'bird_last_reboot_timestamp_seconds 1763843775.019',
        'bird_last_reconfig_timestamp_seconds 1763845047',
        'bird_server_time_timestamp_seconds 1763847447.019',
        'bird_socket_query_success 1',
      ]),
    );
  });

  test('omits a peer of a range that has left, which must not raise an alert', async () => {
    const text = await birdPage(({ daemon }) => {
      for (const peer of daemon.listPeers) peer.range = '2001:db8::/32';
    });
    expect(text).toContain('name="W1"');
    expect(text).not.toContain('name="DR7"');
  });
});
