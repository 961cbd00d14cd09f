import type { CommandOutcome, Commands } from '#api/commands.ts';
import type { EventView } from '#api/events/event-view.ts';
import type { DaemonEvent, EventListener, EventSource } from '#api/events/events.ts';
import type { FailoverView } from '#api/events/failover.ts';
import type { PeerTable } from '#api/names.ts';
import {
  type Page,
  type PageRequest,
  type Queries,
  QueryError,
  type RouteQuery,
} from '#api/queries.ts';
import type { BfdListView } from '#api/views/bfd.ts';
import type { BmpView } from '#api/views/bmp.ts';
import type { EffectsView } from '#api/views/changes.ts';
import type { CoherenceView } from '#api/views/coherence.ts';
import type { DoctorItem } from '#api/views/doctor.ts';
import type { DrainView } from '#api/views/drain.ts';
import type { CandidateView, ExplainView } from '#api/views/explain.ts';
import type { HistogramView, MetricsView, PeerMetricsView } from '#api/views/metrics.ts';
import type { PathView } from '#api/views/path.ts';
import type { PeerView } from '#api/views/peer.ts';
import type { RpkiView } from '#api/views/rpki.ts';
import type { ServiceAddressView, ServicePathView, ServiceView } from '#api/views/service.ts';
import type { StatusView } from '#api/views/status.ts';
import type { TroubleView } from '#api/views/trouble.ts';
import type { Clock } from '#clock.ts';
import { meantBy } from '#daemon/views/meant.ts';
import { serviceRows } from '#support/service-rows.ts';
import { nearest } from '#text/nearest.ts';
import { parseAddressOrPrefix } from '#text/prefix.ts';
import { TextError } from '#text/text-error.ts';
import type { FamilyName } from '#wire/constants.ts';
import { changesView, done, scenarios } from './fake-changes.ts';

/** 2025-11-22 21:37:27.019 UTC: "now" of every golden. */
export const nowMs = Date.UTC(2025, 10, 22, 21, 37, 27, 19);
export const at = (secondsAgo: number): string => new Date(nowMs - secondsAgo * 1000).toISOString();

/** Wall time stands still, timers run when the test says so, and `soon` is the next turn of the real event loop. */
export class FakeClock implements Clock {
  readonly beats: (() => void)[] = [];
  private ticks = 0;
  monotonic(): number {
    return this.ticks++ / 100;
  }
  wall(): number {
    return nowMs;
  }
  after(_ms: number, fn: () => void): () => void {
    return this.soon(fn);
  }
  at(_deadline: number, fn: () => void): () => void {
    return this.soon(fn);
  }
  every(_ms: number, fn: () => void): () => void {
    this.beats.push(fn);
    return () => this.beats.splice(this.beats.indexOf(fn), 1);
  }
  soon(fn: () => void): () => void {
    const immediate = setImmediate(fn);
    return () => clearImmediate(immediate);
  }
}

const noMessages = { open: 0, update: 0, notification: 0, keepalive: 0, route_refresh: 0 };
const noPrefixes = {
  received: 0,
  accepted: 0,
  rejected: 0,
  blocked: 0,
  best: 0,
  advertised: 0,
  stale: 0,
};

function peer(
  name: string,
  address: string,
  counts: Partial<PeerView['prefixes']>,
  more: Partial<PeerView>,
): PeerView {
  const own = { ...noPrefixes, ...counts };
  return {
    name,
    group: 'exabgp',
    address,
    port: 179,
    peer_as: 65001,
    local_as: 65002,
    kind: 'source',
    state: 'established',
    enabled: true,
    since: at(724),
    uptime_s: 724,
    router_id: '1.1.1.11',
    local_address: '2001:db8:1::9',
    hold_time_s: 6,
    keepalive_s: 2,
    hold_remaining_s: 4.7,
    open: {
      sent: { as: 65002, hold_time_s: 6, router_id: '1.1.1.9' },
      received: {
        as: more.peer_as ?? 65001,
        hold_time_s: 180,
        router_id: more.router_id ?? '1.1.1.11',
      },
    },
    capabilities: { sent: oursToNodes, received: exabgpCapabilities },
    families: ['ipv6_unicast'],
    import: 'only_loopbacks',
    export: 'none',
    prefixes: { ...own, per_family: { ipv6_unicast: own } },
    limit: { accepted: { limit: 10, action: 'restart', used: own.accepted } },
    messages: {
      received: { ...noMessages, open: 1, update: own.received, keepalive: 362 },
      sent: { ...noMessages, open: 1, keepalive: 363 },
    },
    output_queue_bytes: 0,
    flaps: 0,
    ...more,
  };
}

const ipv6 = { code: 1, name: 'multiprotocol', value: 'ipv6_unicast' };
const exabgpCapabilities = [
  { code: 1, name: 'multiprotocol', value: 'ipv4_unicast' },
  ipv6,
  { code: 1, name: 'multiprotocol', value: 'l2vpn_evpn' },
  { code: 65, name: 'four_octet_as', value: 65001 },
  { code: 6, name: 'extended_message' },
];
const oursToNodes = [
  { code: 1, name: 'multiprotocol', value: 'ipv4_unicast' },
  ipv6,
  { code: 2, name: 'route_refresh' },
  { code: 64, name: 'graceful_restart', value: { restart_time: 0, flags: [], families: [] } },
  { code: 65, name: 'four_octet_as', value: 65002 },
  { code: 70, name: 'enhanced_route_refresh' },
];
const birdCapabilities = [
  ipv6,
  { code: 2, name: 'route_refresh' },
  { code: 64, name: 'graceful_restart', value: { restart_time: 120, flags: [], families: [] } },
  { code: 65, name: 'four_octet_as', value: 65003 },
  { code: 70, name: 'enhanced_route_refresh' },
];

const router: Partial<PeerView> = {
  group: 'routers',
  peer_as: 65003,
  kind: 'client',
  import: 'none',
  export: 'all',
  limit: {},
  capabilities: { sent: oursToNodes, received: birdCapabilities },
};

export function labPeers(): PeerView[] {
  const announces = { received: 3, accepted: 3, best: 1 };
  return [
    peer(
      'W1',
      '2001:db8:6::11',
      { ...announces, received: 4, rejected: 1 },
      {
        description: 'web node 1',
        refused_for: ['prefix_not_allowed'],
        node: 'w1',
        site: 'dc1',
        rack: 'a',
      },
    ),
    peer('W2', '2001:db8:7::12', announces, {
      router_id: '1.1.1.12',
      node: 'w2',
      since: at(93784),
    }),
    peer('W3', '2001:db8:8::13', announces, {
      router_id: '1.1.1.13',
      node: 'w3',
      since: at(1_563_000),
    }),
    peer('ER2', '2001:db8:1::2', { advertised: 3 }, { ...router, router_id: '1.1.1.2' }),
    peer('DR6', '2001:db8:1::6', { advertised: 3 }, { ...router, router_id: '1.1.1.6' }),
    {
      ...unborn(peer('DR7', '2001:db8:1::7', {}, router)),
      state: 'active',
      graceful_restart: { ipv6_unicast: { stage: 'restarting', stale: 3, until: at(-89) } },
      since: at(31),
      down_since: at(33),
      flaps: 2,
      last_error: {
        at: at(33),
        text: 'hold timer expired',
        code: 4,
        subcode: 0,
        direction: 'sent',
      },
    },
    {
      ...unborn(peer('DR8', '2001:db8:1::8', {}, router)),
      state: 'idle',
      enabled: false,
      disabled: { since: at(3600), reason: 'switch replaced' },
      since: at(3600),
      flaps: 1,
      last_error: {
        at: at(3600),
        text: 'administrative shutdown: switch replaced',
        code: 6,
        subcode: 2,
        direction: 'sent',
      },
    },
  ];
}

/** The fields that are shown only for a single peer. */
function withErrors(view: PeerView | undefined): PeerView | undefined {
  if (view?.name !== 'W1') return view;
  const error = { outcome: 'treat_as_withdraw' as const, length: 11, count: 1 };
  const bytes = '40010200004002060201';
  return {
    ...view,
    update_errors: [
      { ...error, at: at(60), attribute: 'origin', text: 'ORIGIN: length 2', bytes },
      {
        ...error,
        at: at(5),
        attribute: 'as_path',
        text: 'AS_PATH: overrun',
        bytes: `${bytes}${'ff'.repeat(40)}`,
        length: 50,
        count: 12,
      },
    ],
  };
}

/** A peer without the fields of a session. */
function unborn(view: PeerView): PeerView {
  const known = Object.entries(view).filter(([key]) => !ofSession.has(key));
  return {
    ...(Object.fromEntries(known) as unknown as PeerView),
    uptime_s: 0,
    families: [],
    capabilities: { sent: [], received: [] },
  };
}

const ofSession = new Set([
  'router_id',
  'local_address',
  'hold_time_s',
  'keepalive_s',
  'open',
  'hold_remaining_s',
]);

function path(prefix: string, name: string, med: number, rank?: number): PathView {
  const nextHops = { W1: '2001:db8:6::11', W2: '2001:db8:7::12', W3: '2001:db8:8::13' };
  return {
    prefix,
    peer: name,
    node: name.toLowerCase(),
    best: rank === 1,
    ...(rank !== undefined && { rank }),
    accepted: true,
    next_hop: nextHops[name === 'W1' || name === 'W2' ? name : 'W3'],
    as_path: [65001],
    origin: 'igp',
    med,
    communities: [],
    large_communities: [],
    ext_communities: [],
    unknown_attributes: [],
    received_at: at(700),
  };
}

export function labPaths(): PathView[] {
  return [
    path('2001:db8:30::1/128', 'W3', 100, 1),
    path('2001:db8:30::1/128', 'W2', 101, 2),
    path('2001:db8:30::1/128', 'W1', 102, 3),
    path('2001:db8:30::2/128', 'W2', 100, 1),
    path('2001:db8:30::2/128', 'W1', 101, 2),
    path('2001:db8:30::2/128', 'W3', 102, 3),
    path('2001:db8:30::3/128', 'W1', 100, 1),
    path('2001:db8:30::3/128', 'W3', 101, 2),
    { ...path('2001:db8:30::3/128', 'W2', 102, 3), communities: ['65000:1', '65000:77'] },
  ];
}

function serviceNode(name: string, med: number, best = false): ServicePathView {
  return {
    node: name,
    peer: name.toUpperCase(),
    med,
    band: med < 500 ? 'up' : 'down',
    healthy: med < 500,
    best,
  };
}

function serviceAddress(last: number, of: Partial<ServiceAddressView>): ServiceAddressView {
  return {
    prefix: `2001:db8:30::${last}/128`,
    state: 'ok',
    findings: [],
    backups: [],
    paths: [],
    best_changes: 0,
    ...of,
  };
}

/** W3 is down for ::1, ::3 has lost all but one, no peer announces ::4. */
export function labService(): ServiceView {
  return {
    name: 'web',
    state: 'absent',
    min_healthy: 2,
    prefixes: ['2001:db8:30::/64{128,128}'],
    addresses: [
      serviceAddress(1, {
        state: 'unexpected_node',
        findings: ['served by w2, not by w3'],
        best: 'w2',
        best_med: 101,
        home: 'w3',
        at_home: false,
        backups: ['w1'],
        paths: [serviceNode('w2', 101, true), serviceNode('w1', 102), serviceNode('w3', 1000)],
        best_changes: 1,
      }),
      serviceAddress(2, {
        best: 'w2',
        best_med: 100,
        home: 'w2',
        at_home: true,
        backups: ['w1', 'w3'],
        paths: [serviceNode('w2', 100, true), serviceNode('w1', 101), serviceNode('w3', 102)],
      }),
      serviceAddress(3, {
        state: 'no_backup',
        findings: ['only w1 is up: no other node could take over'],
        best: 'w1',
        best_med: 100,
        paths: [serviceNode('w1', 100, true)],
      }),
      serviceAddress(4, { state: 'absent', findings: ['no peer announces it'], home: 'w1' }),
    ],
  };
}

export const rejectedPath: PathView = {
  ...path('2001:db8:31::1/128', 'W1', 100),
  accepted: false,
  reason: 'prefix_not_allowed',
};

const rule = { policy: 'only_loopbacks', name: 'service loopbacks', file: 'rs9.yaml', line: 17 };

export interface FakeDaemon extends Queries, Commands, EventSource {
  emit(event: DaemonEvent): void;
  listPeers: PeerView[];
  paths: PathView[];
  recorded: EventView[];
  isReady: boolean;
  isStopping: boolean;
  ribVersion: number;
  /** Each command that was called, as text: `disable W1 maintenance`. */
  readonly called: string[];
  /** Resolves when what was called has been decided. */
  deciding: Promise<void>;
  outcome: CommandOutcome;
  /** The answer of a plan. */
  effects: EffectsView;
  listeners: number;
}

export function fakeDaemon(): FakeDaemon {
  const listeners = new Set<EventListener>();
  let events = 0;
  const find = (name: string): PeerView | undefined =>
    daemon.listPeers.find((view) => view.name === name || view.address === name);
  const command = (name: string, ...words: (string | undefined)[]): CommandOutcome | undefined => {
    if (find(name) === undefined) return undefined;
    return noted(words[0] ?? '', name, ...words.slice(1));
  };
  const noted = (...words: (string | undefined)[]): CommandOutcome => {
    daemon.called.push(words.filter((word) => word !== undefined).join(' '));
    return daemon.outcome;
  };
  const daemon: FakeDaemon = {
    listPeers: labPeers(),
    paths: labPaths(),
    recorded: [],
    isReady: true,
    isStopping: false,
    ribVersion: 9,
    called: [],
    deciding: Promise.resolve(),
    outcome: { ok: true, message: 'done' },
    effects: effectsView,
    get listeners() {
      return listeners.size;
    },
    emit: (event) => {
      const id = (++events).toString(36);
      for (const listener of listeners) listener(event, at(0), id);
    },
    flush: () => undefined,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    status: () => status(daemon),
    ready: () => ({ ready: daemon.isReady, reasons: daemon.isReady ? [] : ['W2 is not back yet'] }),
    *peers() {
      yield;
      return daemon.listPeers;
    },
    sources: () =>
      daemon.listPeers
        .filter((view) => view.import !== 'none')
        .map(({ name, node = name }) => ({ name, node })),
    peerNames: () => daemon.listPeers.map(({ name }) => name),
    peer: (name) => withErrors(find(name)),
    nearestPeer: (name) =>
      nearest(
        name,
        daemon.listPeers.map((view) => view.name),
      ),
    *meantBy(text) {
      const peers = daemon.listPeers.map(({ name }) => ({ kind: 'peer' as const, name }));
      const rows = labService().addresses.map(({ prefix }) => ({
        kind: 'address' as const,
        name: prefix,
      }));
      return yield* meantBy(text, [...peers, ...rows]);
    },
    routes: (query, page) => pageOf(select(daemon.paths, query, find), page, daemon.ribVersion),
    peerRoutes: (name, table, page) =>
      find(name) && pageOf(tableOf(daemon, find(name)?.name ?? '', table), page, daemon.ribVersion),
    rejected: (family, page) =>
      pageOf(family === 'ipv4_unicast' ? [] : [rejectedPath], page, daemon.ribVersion),
    trouble: async () => labTrouble(),
    doctor: (name) => done(doctorItems.filter((item) => name === undefined || item.peer === name)),
    explain: (prefix, name) => explain(daemon, prefix, name),
    bfd: () => labBfd(),
    rpki: () => labRpki(),
    bmp: () => labBmp(),
    *serviceRows(request) {
      return serviceRows(yield* daemon.services(), request);
    },
    serviceAddress: (wanted) => labService().addresses.find(({ prefix }) => prefix === wanted),
    serviceSeries: () => labService().addresses,
    *services() {
      yield;
      return [labService()];
    },
    serviceNames: () => ['web'],
    service: (name) => (name === 'web' ? labService() : undefined),
    coherence: () => done(labCoherence),
    failovers: async () => ({ items: labFailovers }),
    events: async () => ({ items: daemon.recorded }),
    note: (text, by) => noted('note', text, by.token),
    drains: () => done([labDrain]),
    drainOf: (id) => (id === labDrain.id ? done(labDrain) : undefined),
    nodeEffect: (node) => {
      requireNode(node);
      const { counts, rows } = labDrain;
      return done({ node, moved: false, counts, rows });
    },
    nodesOf: (_kind, name) => {
      requireNode(name);
      return [name];
    },
    drain: async ({ kind, name, ttlS, comment, isForced }, by) => {
      const word = isForced === true ? 'force' : undefined;
      const outcome = noted('drain', kind, name, ttlS?.toString(), comment, word, by.token);
      if (!outcome.ok) return outcome;
      return {
        ok: true,
        id: labDrain.id,
        isNew: true,
        warnings: ['2001:db8:30::1/128: leaves no backup: only w2 is left'],
      };
    },
    undrain: async ({ which }, by) => {
      if (which.kind === 'id' && which.id !== labDrain.id) return undefined;
      const outcome = noted('undrain', ...Object.values(which), by.token);
      if (!outcome.ok) return outcome;
      return { ok: true, ended: [{ id: labDrain.id, target: labDrain.target }], warnings: [] };
    },
    decided: () => daemon.deciding,
    configHistory: () => ({
      items: [
        {
          hash: '0123456789abcdef',
          at: at(3672),
          how: 'reload',
          by: { uid: 0, user: 'alice' },
          running: true,
          confirmed_at: at(3600),
          kept: true,
        },
        { hash: 'fedcba9876543210', at: at(90_000), how: 'start', running: false, kept: true },
      ],
    }),
    config: () => ({ router_id: '1.1.1.9', local_as: 65002, peers: [{ password: '***' }] }),
    version: () => `boot.cfg.${daemon.ribVersion}`,
    metrics: () => done(metrics(daemon)),
    enable: (name) => command(name, 'enable'),
    disable: (name, reason) => command(name, 'disable', reason),
    reset: (name, reason) => command(name, 'reset', reason),
    refresh: (name, direction) => command(name, 'refresh', direction),
    checkConfig: async (sent) => noted('check', sent?.text),
    reload: async ({ confirmS, isForced, isRollback, isVolatile } = {}) =>
      noted(
        'reload',
        confirmS?.toString(),
        isForced === true ? 'force' : undefined,
        isRollback === true ? 'rollback' : undefined,
        isVolatile === true ? 'volatile' : undefined,
      ),
    confirm: (_by, isVolatile) => noted('confirm', isVolatile === true ? 'volatile' : undefined),
    shutdown: async ({ isGraceful, waitMs, isForced }) =>
      noted(
        'shutdown',
        isGraceful ? `graceful ${waitMs}` : undefined,
        isForced ? 'force' : undefined,
      ),
    plan: async (target) => {
      noted(
        'plan',
        ...Object.values(target ?? {})
          .filter((word) => word !== false && word !== true)
          .map(String),
      );
      if (!daemon.outcome.ok) return { problems: [], ...daemon.outcome };
      return { ok: true, plan: daemon.effects, changes: (limit) => done(changesView(limit)) };
    },
    simulate: async (supposed, limit) => {
      const words = Object.values(supposed).filter((word) => typeof word === 'string');
      noted('simulate', ...words, String(limit));
      if (!daemon.outcome.ok) return { problems: [], ...daemon.outcome };
      if (supposed.kind === 'gone' && supposed.name === 'w9') {
        throw new QueryError('unknown_node', 'unknown node w9; did you mean w1? known: w1, w2, w3');
      }
      return { ok: true, work: done({ items: scenarios(supposed, limit), rib_version: 9 }) };
    },
  };
  return daemon;
}

/** BFD hears W1, and has never heard W2. */
function labBfd(): BfdListView {
  const common = { multihop: true, since: at(0), downs: 0, diag: 'none', tx_ms: 1000 } as const;
  return {
    items: [
      { ...common, peer: 'W1', state: 'up', remote_state: 'up', rx_ms: 1000, detect_ms: 3000 },
      {
        ...common,
        peer: 'W2',
        state: 'down',
        remote_state: 'down',
        tx_ms: 0,
        rx_ms: 0,
        detect_ms: 0,
      },
    ],
  };
}

function labBmp(): BmpView {
  return {
    items: [
      {
        name: 'noc',
        address: '[2001:db8:9::1]:11019',
        state: 'established',
        monitor: ['adj_rib_in_pre', 'adj_rib_in_post', 'loc_rib'],
        since: at(0),
        sent_bytes: 5_242_880,
        waiting_bytes: 0,
        drops: 1,
        last_error: {
          at: at(0),
          text: 'it has read nothing for 30 s',
        },
      },
      {
        name: 'far',
        address: '192.0.2.9:11019',
        state: 'idle',
        monitor: ['adj_rib_out_post'],
        sent_bytes: 0,
        waiting_bytes: 0,
        drops: 0,
        last_error: { at: at(0), text: 'connection refused: nothing is listening there' },
      },
    ],
  };
}

function labRpki(): RpkiView {
  return {
    items: [
      {
        name: 'local',
        address: '[::1]:3323',
        preference: 1,
        state: 'established',
        in_use: true,
        version: 1,
        session_id: 7,
        serial: 42,
        updated_at: at(0),
      },
      {
        name: 'far',
        address: '192.0.2.3:3323',
        preference: 2,
        state: 'idle',
        in_use: false,
        version: 1,
        last_error: { at: at(0), text: 'connection refused: nothing is listening there' },
      },
    ],
    vrps: { ipv4_unicast: 2, ipv6_unicast: 3 },
    aspas: 1,
    refresh_s: 3600,
    retry_s: 600,
    expire_s: 7200,
    expires_at: at(7200),
  };
}

const labCoherence: CoherenceView = {
  siblings: [
    { peer: 'RS4', counts: { different: 1 } },
    { peer: 'RS5', unknown: 'its observer session is down', counts: { unknown: 1 } },
  ],
  compared: 3,
  items: [
    {
      prefix: '2001:db8:30::1/128',
      state: 'different',
      ours: { node: 'w2', next_hop: '2001:db8:7::12', med: 101 },
      siblings: [
        {
          peer: 'RS4',
          state: 'different',
          next_hop: '2001:db8:6::11',
          med: 102,
          why: '2001:db8:7::12 with MED 101 here, 2001:db8:6::11 with MED 102 there; it is drained here',
        },
        { peer: 'RS5', state: 'unknown', why: 'its observer session is down' },
      ],
      since: at(90),
    },
  ],
};

function requireNode(name: string): void {
  if (/^w[123]$/.test(name)) return;
  throw new QueryError('unknown_node', `unknown node ${name}; known: w1, w2, w3`);
}

const labDrain: DrainView = {
  id: 'd1',
  target: { kind: 'node', name: 'w1' },
  nodes: ['w1'],
  since: at(30),
  until: at(-7170),
  comment: 'new kernel',
  by: { uid: 0, user: 'alice' },
  counts: { yes: 1, no: 0, unknown: 1 },
  rows: [
    {
      prefix: '2001:db8:30::1/128',
      router: 'DR6',
      effect: 'unknown',
      why: 'RS4: its observer session is down',
    },
    {
      prefix: '2001:db8:30::1/128',
      router: 'ER2',
      effect: 'yes',
      basis: 'seen',
      why: 'its best route is w2 via 2001:db8:7::12 with MED 101',
    },
  ],
};

/**
 * A bad night: w1 is lost with its rack, one address is dark, one has no backup, and an operator has reloaded before.
 */
export function labTrouble(): TroubleView {
  const cause = { kind: 'hold_timer', peer: 'W1', text: 'hold timer expired' } as const;
  const by = { uid: 0, user: 'alice' };
  return {
    at: at(0),
    is_trouble: true,
    verdict: '1 of 3 addresses dark',
    since: at(252),
    addresses: {
      total: 3,
      counts: { dark: 1, down: 0, not_answering: 0, no_backup: 1 },
      lesser: [],
      items: [
        {
          prefix: '2001:db8:30::3/128',
          service: 'web',
          kind: 'dark',
          text: 'no peer announces it',
          since: at(252),
          cause,
          node: 'w1',
        },
        {
          prefix: '2001:db8:30::1/128',
          service: 'web',
          kind: 'no_backup',
          text: 'only w3 is up: no other node could take over',
          since: at(252),
          cause,
          node: 'w3',
        },
      ],
    },
    sessions: {
      total: 5,
      count: 2,
      down: [
        {
          peer: 'W1',
          node: 'w1',
          site: 'dc1',
          rack: 'a',
          since: at(252),
          text: 'hold timer expired',
          heals_itself: true,
          heals: 'by itself, when the peer connects: we do not dial it',
        },
        {
          peer: 'W2',
          node: 'w2',
          site: 'dc1',
          rack: 'b',
          since: at(252.8),
          text: 'hold timer expired',
          heals_itself: true,
          heals: 'by itself, when the peer connects: we do not dial it',
        },
      ],
      common: '2 of 5 sessions lost within 0.8 s, all of dc1, hold timer expired',
    },
    heals: [{ about: 'W1 W2', text: 'by itself, when the peer connects: we do not dial it' }],
    siblings: [
      { peer: 'RS4', text: 'has no route to what is in trouble here either; agrees otherwise' },
    ],
    others: [],
    clocks: [
      {
        kind: 'confirm',
        ends_at: at(-40),
        text: 'configuration 3f2a91c0 is reverted unless it is confirmed',
      },
    ],
    causes: [
      {
        at: at(252),
        cause_id: 'c1',
        text: 'W1: hold timer expired: 3 addresses, 1 moved, 1 stayed, 1 dark',
      },
    ],
    changes: [
      {
        at: at(400),
        kind: 'config_loaded',
        text: 'configuration /etc/fingerpost/fingerpost.yaml loaded by uid 0 (says: alice): reloaded; W1: policy (import)',
        by,
      },
    ],
    changes_since: at(3600),
    do_not_touch: [{ node: 'w3', addresses: 1, examples: ['2001:db8:30::1/128'] }],
    often: [
      { about: 'W1 lost', day: 3, month: 14 },
      { about: '2001:db8:30::3/128 absent', day: 1, month: 1 },
    ],
  };
}

/** Nothing is wrong. */
export function noTrouble(): TroubleView {
  const { since: _, ...night } = labTrouble();
  return {
    ...night,
    is_trouble: false,
    verdict: 'no trouble',
    addresses: {
      total: 3,
      counts: { dark: 0, down: 0, not_answering: 0, no_backup: 0 },
      items: [],
      lesser: [],
    },
    sessions: { total: 5, count: 0, down: [] },
    heals: [],
    siblings: [{ peer: 'RS4', text: 'agrees' }],
    clocks: [],
    changes: [],
    do_not_touch: [],
    often: [],
  };
}

export const doctorItems: DoctorItem[] = [
  {
    severity: 'error',
    code: 'dial_refused',
    peer: 'DR7',
    text: 'the peer does not listen at the address and port that we dial',
    evidence: '2001:db8:1::7 port 179: connection refused',
    ours: 'passive: true if the peer never listens (ExaBGP), otherwise check address and port',
    theirs: 'listen on port 179 and allow this route server as a neighbour',
  },
  {
    severity: 'warning',
    code: 'configuration',
    text: 'no state_dir',
    evidence: '/etc/fingerpost/fingerpost.yaml:1',
  },
];

const labFailovers: FailoverView[] = [
  {
    id: 'f1',
    at: at(0),
    prefix: '2001:db8:30::1/128',
    service: 'web',
    from: 'W1',
    to: 'W2',
    cause: { kind: 'hold_timer', peer: 'W1', text: 'hold timer expired' },
    cause_id: 'c1',
    suspected_at: at(-6),
    silent_ms: 6000,
    kernel_heard_ms: 200,
    decided_ms: 0.4,
    last_written_ms: 0.9,
    received_ms: 1.3,
    routers: { written: 5, received: 5, waiting: [] },
  },
];

const effectsView: EffectsView = {
  hash: 'fedcba9876543210',
  peers: [
    { peer: 'W1', effect: 'policy', why: ['import', 'max_prefix'] },
    { peer: 'W2', effect: 'none', why: [] },
    { peer: 'ER2', effect: 'reset', why: ['hold_time'] },
    { peer: 'W4', effect: 'add', why: [] },
  ],
  process: [
    { key: 'log', effect: 'apply' },
    { key: 'user', effect: 'restart' },
  ],
};

function status(daemon: FakeDaemon): StatusView {
  return {
    version: '0.1.0',
    router_id: '1.1.1.9',
    local_as: 65002,
    started_at: at(3672),
    uptime_s: 3672,
    ready: daemon.isReady,
    config: {
      file: '/etc/fingerpost/fingerpost.yaml',
      hash: '0123456789abcdef',
      loaded_at: at(3672),
      last_reload_ok: true,
      running_from: 'file',
      file_differs: false,
      confirmed_hash: '0123456789abcdef',
      confirmed_at: at(3600),
    },
    peers: {
      configured: daemon.listPeers.length,
      established: daemon.listPeers.filter(({ state }) => state === 'established').length,
    },
    rib: { version: daemon.ribVersion, prefixes: 3, paths: daemon.paths.length },
    listening: ['[2001:db8:1::9]:179', '127.0.0.1:9179', '/run/fingerpost/control.sock'],
    unknown_sources: 0,
    without_effect: ['services'],
  };
}

/** Cursors are plain indexes here; the real ones are prefixes. */
function pageOf(paths: PathView[], page: PageRequest, rib_version: number): Page<PathView> {
  const start = page.cursor === undefined ? 0 : Number(page.cursor);
  if (!Number.isInteger(start)) throw new QueryError('bad_cursor', 'not a cursor');
  const end = start + page.limit;
  return {
    items: paths.slice(start, end),
    ...(end < paths.length && { next_cursor: String(end) }),
    rib_version,
  };
}

function select(
  paths: PathView[],
  query: RouteQuery,
  find: (name: string) => PeerView | undefined,
): PathView[] {
  const { prefix, peer: name, community, large_community: large, as: asn, best, family } = query;
  if (prefix !== undefined) requirePrefix(prefix);
  const source = name === undefined ? undefined : find(name);
  if (name !== undefined && source === undefined) {
    throw new QueryError('unknown_peer', `no peer is called ${name}`);
  }
  const isShorter = query.lookup === 'longer' && prefix?.includes('/') === true;
  const wanted = prefix?.includes('/') === false ? `${prefix}/128` : prefix;
  return paths.filter(
    (one) =>
      (wanted === undefined || one.prefix === wanted || isShorter) &&
      (source === undefined || one.peer === source.name) &&
      (community === undefined || one.communities.includes(community)) &&
      (large === undefined || one.large_communities.includes(large)) &&
      (asn === undefined || one.as_path.flat().includes(asn)) &&
      (best === undefined || one.best === best) &&
      (family === undefined || family === 'ipv6_unicast'),
  );
}

/** Throws like the daemon. */
function requirePrefix(text: string): void {
  try {
    parseAddressOrPrefix(text);
  } catch (error) {
    if (error instanceof TextError) throw new QueryError('bad_prefix', error.message);
    throw error;
  }
}

function tableOf(daemon: FakeDaemon, name: string, table: PeerTable): PathView[] {
  const own = daemon.paths.filter((one) => one.peer === name);
  const rejected = name === 'W1' ? [rejectedPath] : [];
  if (table === 'accepted') return own;
  if (table === 'rejected') return rejected;
  if (table === 'received') return [...own, ...rejected];
  const isClient = daemon.listPeers.find((view) => view.name === name)?.kind === 'client';
  return isClient ? daemon.paths.filter((one) => one.best) : [];
}

function explain(daemon: FakeDaemon, prefix: string, name?: string): ExplainView | undefined {
  requirePrefix(prefix);
  const wanted = prefix.includes('/') ? prefix : `${prefix}/128`;
  const paths = daemon.paths.filter((one) => one.prefix === wanted);
  const best = paths.find((one) => one.best);
  if (best === undefined) return undefined;
  const candidates: CandidateView[] = paths.map((one) =>
    one.best
      ? { ...one, rule }
      : {
          ...one,
          rule,
          lost_at: 'med',
          ours: one.med ?? 0,
          winners: best.med ?? 0,
          would_win_if: 'its MED is at most 99',
        },
  );
  const exports = daemon.listPeers
    .filter((view) => name === undefined || view.name === name || view.address === name)
    .map((view) =>
      view.kind === 'client'
        ? { peer: view.name, sent: best, reason: 'sent' }
        : { peer: view.name, reason: 'no_policy' },
    );
  const rejected: CandidateView = { ...rejectedPath, prefix: wanted, reason: 'next_hop_foreign' };
  return { prefix: wanted, best, candidates: [...candidates, rejected], exports };
}

function metrics(daemon: FakeDaemon): MetricsView {
  const none: HistogramView = { bounds: [0.001, 0.01], counts: [0, 0, 0], sum: 0 };
  return {
    peers: daemon.listPeers.map(peerMetrics),
    families: [
      { family: 'ipv6_unicast', prefixes: 3, paths: 9, best_changes: 4, memory_bytes: 65536 },
    ],
    config: {
      hash: '0123456789abcdef',
      last_reload_ok: true,
      last_reload_success_s: 1763845047,
      is_confirm_pending: false,
      is_confirmed_lost: false,
    },
    update_propagation_seconds: [{ afi: 'ipv6', kind: 'announce', histogram: none }],
    failover_seconds: [{ trigger: 'peer_down', histogram: none }],
    failover_stage_seconds: [{ stage: 'acked', histogram: none }],
    history: { is_written: true, size_bytes: 4096, dropped: 0 },
    service_series_dropped: 0,
    drains: [{ id: 'd1', target: 'node w1', is_overdue: false }],
    are_drains_lost: false,
    is_state_lost: false,
    probes: [{ service: 'web', node: 'w1', state: 'not_answering' }],
    probe_brakes: [{ service: 'web', is_on: false }],
    siblings: [
      {
        sibling: 'RS4',
        is_heard: true,
        counts: { different: 1 },
        disagreeing: new Set(['2001:db8:30::1/128']),
      },
    ],
    bmp_collectors: [{ collector: 'noc', is_connected: true }],
    rpki_caches: [{ cache: 'local', is_up: true }],
    rpki_vrps: [
      { family: 'ipv4_unicast', count: 2 },
      { family: 'ipv6_unicast', count: 3 },
    ],
    rpki_aspas: 1,
    bfd_brake_applied: 0,
    best_path_seconds: { bounds: [0.001, 0.01], counts: [3, 4, 5], sum: 0.25 },
    slice_seconds: { bounds: [0.01, 0.02], counts: [6, 7, 7], sum: 0.5 },
    timer_lateness_seconds: { keepalive: none, hold: none },
  };
}

function peerMetrics(view: PeerView): PeerMetricsView {
  const family: FamilyName = 'ipv6_unicast';
  return {
    view,
    is_shadow: false,
    is_drained: false,
    last_state_change_s: Date.parse(view.since) / 1000,
    established_transitions: view.flaps + 1,
    session_drops: view.flaps > 0 ? { hold_timer_expired: view.flaps } : {},
    bytes: { received: 4096, sent: 2048 },
    notifications: [{ direction: 'out', code: 4, subcode: 0, count: view.flaps }],
    update_errors: {
      treat_as_withdraw: 0,
      attribute_discard: 0,
      family_disabled: 0,
      session_reset: 0,
    },
    last_message_s: { received: nowMs / 1000 },
    output_queue_bytes: 0,
    limits: view.limit.accepted
      ? [{ family, counts: 'accepted', limit: view.limit.accepted.limit }]
      : [],
    prefix_changes: [{ family, direction: 'in', announce: 3, withdraw: 0 }],
    rejected: [{ family, reason: 'prefix_not_allowed', count: view.prefixes.rejected }],
  };
}
