import { attribute } from '#support/raw-message.ts';
import { type Figures, Series } from '../figures.ts';
import { SoakNetwork } from '../network.ts';
import { announce, type RouteOptions, withdraw } from '../routes.ts';
import { scaled, type Scenario, secondsOf } from '../scenario.ts';
import type { Talker } from '../talker.ts';

/** What a peer sends, and how often. */
interface Pour {
  readonly name: string;
  readonly claim: string;
  readonly quickSize: number;
  readonly updates: number;
  /** The fewest, however short the run is: with fewer of them the session does not end. */
  readonly leastUpdates?: number;
  /** How often all of it is sent. */
  readonly rounds?: number;
  /** At most so many prefixes. */
  readonly prefixes: number;
  readonly route: (mark: number) => RouteOptions;
  /** How many MiB the daemon may use in addition to what it used before. */
  readonly mostMib: number;
  /** The NOTIFICATION that ends the session sooner or later. */
  readonly endsWith?: string;
}

/** RFC 8654. */
const extendedMessage = [6, []] as const;
const updatesAtOnce = 100;
const sessions = 4;
const none = Buffer.alloc(60_000);

/** An attribute of 60,000 octets that no implementation knows; the mark makes each of them different. */
function unknownAttribute(mark: number): Buffer {
  const whole = Buffer.concat([attribute(0xd0, 222, []), none]);
  whole.writeUInt16BE(none.length, 2);
  whole.writeUInt32BE(mark, 4);
  return whole;
}

const pours: readonly Pour[] = [
  {
    name: 'refused-attributes',
    claim:
      '60 KB of unknown attributes on each of many routes that are refused end at a limit of bytes',
    quickSize: 0.5,
    updates: 4_000,
    leastUpdates: 1_200,
    prefixes: 100_000,
    // A loop through the AS of the route server.
    route: (mark) => ({ asPath: [65001, 65002], more: [unknownAttribute(mark)] }),
    mostMib: 400,
    endsWith: '6/8',
  },
  {
    name: 'large-attributes',
    claim: 'ever new attributes of 60 KB on one prefix keep memory level',
    quickSize: 0.05,
    updates: 10_000,
    prefixes: 1,
    route: (mark) => ({ more: [unknownAttribute(mark)] }),
    mostMib: 400,
  },
  {
    name: 'malformed',
    claim: '235,000 malformed UPDATEs that differ leave nothing behind',
    quickSize: 0.1,
    updates: 235_000,
    prefixes: 235_000,
    route: (mark) => ({ origin: 9, mark }),
    mostMib: 300,
  },
  {
    name: 'ordinary-attributes',
    claim: '300,000 ordinary sets of attributes, said four times, delay no failover of others',
    quickSize: 0.1,
    updates: 300_000,
    rounds: 4,
    prefixes: 300_000,
    route: (mark) => ({ mark, med: 3 }),
    mostMib: 600,
  },
];

/** A peer that sends one kind of UPDATE without an end, over several sessions if the daemon ends them. */
export const attributeBytes: readonly Scenario[] = pours.map((pour) => ({
  name: pour.name,
  claim: pour.claim,
  quickSize: pour.quickSize,
  async run(size, figures) {
    const network = await SoakNetwork.start({ nodes: sessions, routers: 0 });
    try {
      await pourAll(network, pour, size, figures);
      await network.judgeFailovers(figures);
      figures.demand('nobody else is disturbed', await network.isUndisturbed());
    } finally {
      await network.close();
    }
  },
}));

async function pourAll(
  network: SoakNetwork,
  pour: Pour,
  size: number,
  figures: Figures,
): Promise<void> {
  const { server } = network;
  const before = server.rssMib;
  const memory = new Series();
  const updates = Math.max(scaled(pour.updates, size), pour.leastUpdates ?? 0);
  const count = pour.endsWith === undefined ? 1 : scaled(sessions, size);
  for (let at = 0; at < count; at++) {
    const node = await network.node(at, { capabilities: [extendedMessage] });
    const seconds = await secondsOf(() =>
      say(node, pour, updates, () => memory.add(server.rssMib)),
    );
    figures.note(`${updates} UPDATEs ${pour.rounds ?? 1} times, or less if ended`, seconds, 's');
    if (pour.endsWith !== undefined) await network.holds('the end of it', () => node.isClosed);
    const ending = node.notification;
    figures.demand(`it ends with ${pour.endsWith}, not ${ending}`, ending === pour.endsWith);
    if (!node.isClosed) await takeBack(node, pour, updates);
  }
  figures.note('resident before', before, 'MiB');
  figures.note('resident', memory.text, 'MiB');
  figures.demand('memory is bounded', server.highestRssMib < before + pour.mostMib);
}

async function say(
  node: Talker,
  { rounds = 1, prefixes, route }: Pour,
  updates: number,
  onBatch: () => void,
): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    for (let mark = 0; mark < updates && !node.isClosed; mark += updatesAtOnce) {
      const batch = Array.from({ length: Math.min(updatesAtOnce, updates - mark) }, (_, at) =>
        announce((mark + at) % prefixes, 1, route(mark + at)),
      );
      await Promise.race([node.send(...batch), node.closed]);
      onBatch();
    }
  }
}

async function takeBack(node: Talker, { prefixes }: Pour, updates: number): Promise<void> {
  const count = Math.min(prefixes, updates);
  for (let at = 0; at < count; at += 900) await node.send(withdraw(at, Math.min(900, count - at)));
}
