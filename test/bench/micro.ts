import { compileExport, compileImport } from '#policy/compile.ts';
import { PrefixSet } from '#policy/prefix-set.ts';
import type { ServiceBands } from '#rib/path-class.ts';
import type { RibPeerSettings } from '#rib/rib-peer.ts';
import { Rib } from '#rib/rib.ts';
import { AttrTable } from '#rib/tables/attr-table.ts';
import { PrefixTable } from '#rib/tables/prefix-table.ts';
import { parsePrefixPattern } from '#text/prefix.ts';
import { Framer } from '#wire/framer.ts';
import { NlriReader } from '#wire/nlri.ts';
import type { NlriRange } from '#wire/path-attributes.ts';
import { UpdateDecoder } from '#wire/update-decoder.ts';
import type { DecodeContext, Update } from '#wire/update.ts';
import { type Feed, fleetChurn, fullTable, serviceAddresses, type Workload } from './workload.ts';

/**
 * Measures what each step of the walk of one UPDATE costs per prefix: the walk is run up to each step on fresh
 * tables, and the cost of a step is the difference to the one before. CPU time of the process, all threads, the
 * best round of several: others share the machine.
 *
 *     npm run bench:micro [thousands of paths] [rounds]
 */
const [thousands = 1000, rounds = 5] = process.argv.slice(2).map(Number);

/** Prefixes for each slice of the second half, as many as the daemon's pump takes. */
const slice = 8192;
const routers = 5;
const seed = 0x5eed;

const context: DecodeContext = {
  asnBytes: 4,
  families: [true, true],
  addPath: [false, false],
  extendedNextHop: [false, false],
};

interface Step {
  readonly name: string;
  /** Runs the walk up to this step and returns what it left in memory. */
  readonly run: (workload: Workload) => Left | undefined;
  /** The cost of the next step is the difference to the step before this one. */
  readonly isAside?: true;
}
interface Left {
  readonly tableBytes: number;
  readonly sentBytes: number;
  readonly messages: number;
}

const steps: readonly Step[] = [
  { name: 'frame + decode', run: (workload) => read(workload, () => undefined) },
  { name: 'attribute intern', run: internAttributes },
  { name: 'prefix intern', run: internPrefixes },
  { name: 'path + policy + decision', run: (workload) => walk(workload, 'decide') },
  { name: '.. all in a service', run: (workload) => walk(workload, 'class'), isAside: true },
  { name: 'share', run: (workload) => walk(workload, 'share') },
  { name: `encode, ${routers} routers`, run: (workload) => walk(workload, 'send') },
];

/** Every prefix is an address of the service. */
const everything = PrefixSet.of([['::/0+', '0.0.0.0/0+'].map(parsePrefixPattern)]);
const oneService: ServiceBands = {
  serviceOf: (prefix) => everything.keysOf(everything.classOf(prefix)).size,
  bands: [{ up: { min: 0, max: 499 }, disabled: { min: 500, max: 999 } }],
};

const workloads = [
  serviceAddresses(thousands * 500),
  fullTable(thousands * 1000),
  fleetChurn(100, Math.ceil(thousands / 20)),
];
for (const workload of workloads) print(workload);

function print(workload: Workload): void {
  console.log(`\n${workload.name}`);
  let before = 0;
  let left: Left | undefined;
  for (const { name, run, isAside } of steps) {
    const times = Array.from({ length: rounds }, () => {
      const start = process.cpuUsage();
      left = run(workload);
      const { user, system } = process.cpuUsage(start);
      return (user + system) / 1e6;
    });
    const seconds = Math.min(...times);
    const step = ((seconds - before) * 1e9) / workload.paths;
    const first = times[0].toFixed(3);
    console.log(
      `${name.padEnd(26)}${step.toFixed(0).padStart(6)} ns${seconds.toFixed(4).padStart(9)} s so far (first ${first})`,
    );
    if (isAside !== true) before = seconds;
  }
  if (left === undefined) return;
  const perPath = left.tableBytes / workload.paths;
  console.log(
    `${perPath.toFixed(0)} bytes a path; ${left.messages} messages of ${(left.sentBytes / 1e6).toFixed(1)} MB to each router`,
  );
}

/** Frames and decodes, one chunk of each feed after the other. */
function read(workload: Workload, onUpdate: (update: Update, feed: number) => void): undefined {
  const decoder = new UpdateDecoder();
  const framers = workload.feeds.map(() => new Framer());
  const most = Math.max(...workload.feeds.map(({ chunks }) => chunks.length));
  for (let i = 0; i < most; i++) {
    workload.feeds.forEach(({ chunks }, feed) => {
      if (i >= chunks.length) return;
      const framer = framers[feed];
      framer.push(chunks[i]);
      while (framer.next()) {
        onUpdate(decoder.decode(framer.bytes, framer.start, framer.end, context), feed);
      }
    });
  }
}

function internAttributes(workload: Workload): undefined {
  const attrs = new AttrTable(seed);
  return read(workload, (update) => {
    const { range, mp } = announced(update);
    if (range.start < range.end) attrs.internReceived(update, mp);
  });
}

function internPrefixes(workload: Workload): undefined {
  const attrs = new AttrTable(seed);
  const tables = [new PrefixTable(0, seed), new PrefixTable(1, seed)];
  const reader = new NlriReader();
  return read(workload, (update) => {
    const { range, mp } = announced(update);
    if (range.start === range.end) return;
    attrs.internReceived(update, mp);
    reader.reset(update.bytes, range);
    while (reader.next()) tables[range.family].intern(reader);
  });
}

function announced(update: Update): { range: NlriRange; mp: boolean } {
  const mp = update.mpReach.start < update.mpReach.end;
  return { range: mp ? update.mpReach : update.nlri, mp };
}

/** The RIB with paths only, or with clients of which none is up, or with clients that are sent the routes as well. */
function walk(workload: Workload, until: 'decide' | 'class' | 'share' | 'send'): Left {
  const attrs = new AttrTable(seed);
  const left = { tableBytes: 0, sentBytes: 0, messages: 0 };
  let countedPeer = 0;
  const rib = new Rib({
    seed,
    attrs,
    decision: { med: 'same_as', tieBreak: 'router_id' },
    output: {
      send(peer, bytes, messages) {
        if (peer !== countedPeer) return;
        left.sentBytes += bytes.length;
        left.messages += messages;
      },
      sendRouteRefresh: () => undefined,
    },
  });
  if (until === 'class') rib.setServices(oneService);
  const isIn = until === 'decide' || until === 'class';
  const send = {
    families: [true, true],
    asnBytes: 4,
    maxMessageBytes: 4096,
    addPath: [false, false],
    longLived: false,
    extendedNextHop: [false, false],
  } as const;
  const nodes = workload.feeds.map((feed) => rib.addPeer(nodeSettings(feed, attrs)));
  nodes.forEach((node, index) => rib.peerUp(node, index + 1, send));
  const clients = isIn ? [] : routerSettings(attrs).map((it) => rib.addPeer(it));
  countedPeer = clients[0] ?? 0;
  if (until === 'send') clients.forEach((client, index) => rib.peerUp(client, 100 + index, send));
  let sinceWork = 0;
  read(workload, (update, feed) => {
    rib.update(nodes[feed], update, 0);
    sinceWork += 64;
    if (isIn || sinceWork < slice) return;
    sinceWork = 0;
    rib.work(slice);
  });
  if (!isIn) while (rib.hasWork) rib.work(slice);
  left.tableBytes = rib.families.reduce((sum, { tables }) => sum + tables.bytes, attrs.bytes);
  return left;
}

/** A node with the lab's prefix filter. */
function nodeSettings({ address, asn }: Feed, attrs: AttrTable): RibPeerSettings {
  const patterns = ['2001:db8:30::/64{128,128}', '0.0.0.0/0{8,24}'].map(parsePrefixPattern);
  const rule = {
    match: { prefix: patterns },
    set: {},
    then: 'accept',
    source: { file: 'bench.yaml', line: 1 },
  } as const;
  const importJudge = compileImport(
    {
      peerName: 'node',
      peerAs: asn,
      peerAddress: address,
      localAs: 65002,
      localAddresses: [],
      policy: [{ name: 'filter', rules: [rule] }],
      missingMed: 'zero',
      acceptNextHop: 'peer',
      enforceFirstAs: true,
      allowAsSets: false,
    },
    attrs,
  );
  return { ...settings(address), importJudge };
}

function routerSettings(attrs: AttrTable): RibPeerSettings[] {
  const exportJudge = compileExport(
    {
      policy: 'all',
      localAs: 65002,
      rsClient: true,
      selfNextHop: [undefined, undefined],
      toAnotherAs: true,
      interpretWellKnown: false,
    },
    attrs,
    { nameOf: () => 'node', asOf: () => 65001 },
  );
  return Array.from({ length: routers }, (_, index) => ({
    ...settings(Uint8Array.of(192, 0, 2, 100 + index)),
    importJudge: nodeSettings({ address: Uint8Array.of(), asn: 0, chunks: [] }, attrs).importJudge,
    exportJudge,
  }));
}

function settings(address: Uint8Array): Omit<RibPeerSettings, 'importJudge'> {
  return {
    name: 'peer',
    peerAs: 0,
    address,
    families: [true, true],
    acceptedLimit: [undefined, undefined],
    receivedLimit: [undefined, undefined],
    honourGracefulShutdown: true,
    mayAddPath: false,
    isShadow: false,
  };
}
