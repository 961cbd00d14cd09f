/** Every default, as an operator would write it: the schema shows them, and resolving applies them. */

/** Defaults of the global keys. */
export const globalDefaults = {
  listen: ['0.0.0.0:179', '[::]:179'],
  http: { listen: '127.0.0.1:9179' },
  control: { socket: '/run/fingerpost/control.sock' },
  log: { level: 'info', format: 'auto' },
  start_gate: { max_delay: '10s', eor_grace: '1s' },
  ready_max_wait: '90s',
  max_paths: 10_000_000,
  history: { max_size: '256MiB', max_age: '30d' },
  announce: { fqdn: false, software_version: false },
  decision: { med: 'same_as', tie_break: 'router_id' },
  siblings: [],
  sole_route_server: false,
  coherence: { debounce: '15s', prefixes: 'services' },
} as const;

/** Defaults of a peer. */
export const peerDefaults = {
  port: 179,
  passive: false,
  enabled: true,
  shadow: false,
  observer: false,
  observe: false,
  send_graceful_shutdown: false,
  hold_time: 90,
  min_hold_time: 3,
  connect_retry: '5s',
  idle_hold: '5s',
  refresh_stale_time: '10m',
  gtsm: false,
  families: ['ipv4_unicast', 'ipv6_unicast'],
  import: 'none',
  export: 'none',
  med: { missing: 'zero' },
  accept_next_hop: 'peer',
  enforce_first_as: true,
  allow_as_sets: false,
  communities: 'pass',
  add_path: 'off',
  max_paths_per_prefix: 8,
  max_attribute_bytes: '64MiB',
  graceful_restart: 'notify_only',
  graceful_shutdown: 'honour',
  role_strict: false,
  rs_client: true,
  blackhole: false,
  bfd: false,
} as const;

export const limitDefaults = {
  accepted: { action: 'block', restart_after: '60s' },
  /** The default if only `max_prefix` is given: `factor` times as many, and at least `least`. */
  received: { action: 'restart', restart_after: '60s', factor: 10, least: 1000 },
  /** The default for an observer without a limit: many times what a route server of services has. */
  observed: 100_000,
} as const;

export const gracefulRestartDefaults = {
  helper: true,
  restarter: false,
  restart_time: '120s',
  eor_grace: '5s',
} as const;

/** Sessions of RFC 5881 cross one link, those of RFC 5883 a network that may reroute. */
export const bfdDefaults = {
  singleHop: { min_tx: '300ms', min_rx: '300ms', multiplier: 3 },
  multihop: { min_tx: '1s', min_rx: '1s', multiplier: 3 },
  brake: { max_share: '50%', within: '1s', at_least: 3 },
} as const;

export const peerRangeDefaults = { max_peers: 100 } as const;

export const serviceDefaults = {
  min_healthy: 1,
  med_bands: { up: '0-499', disabled: '500-999', down: '1000-' },
  probe: {
    interval: '2s',
    timeout: '1s',
    fall: 3,
    rise: 2,
    hold_down: '30s',
    on_fail: 'report',
    http: { port: 80, path: '/', expect: '200-399' },
  },
  brake: { max_share: '50%' },
  on_last_withdrawal: 'remove',
} as const;

export const rpkiDefaults = {
  refresh: '1h',
  retry: '10m',
  expire: '2h',
  aspa: false,
  preference: 1,
} as const;

/** Of a route server, as BMP has them (RFC 7854, RFC 8671, RFC 9069). */
export const monitoredTables = [
  'adj_rib_in_pre',
  'adj_rib_in_post',
  'loc_rib',
  'adj_rib_out_post',
] as const;

/** Without Adj-RIB-Out, which has every route once for each client. */
export const bmpDefaults = {
  monitor: ['adj_rib_in_pre', 'adj_rib_in_post', 'loc_rib'],
  statistics: '60s',
} as const satisfies { monitor: readonly (typeof monitoredTables)[number][]; statistics: string };

export const dumpCompressions = ['gzip', 'none'] as const;

export const mrtDefaults = {
  rotate: '15m',
  every: '2h',
  keep: '7d',
  compress: 'gzip',
  max_size: '2GiB',
  min_free: '1GiB',
} as const;
