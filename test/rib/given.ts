import { compileExport, compileImport } from '#policy/compile.ts';
import type { PeerId } from '#policy/ids.ts';
import type { ExportJudge, PeerNames } from '#policy/judge.ts';
import type { ExportSettings, ImportSettings } from '#policy/policy.ts';
import type { RibOutput } from '#rib/out/update-group.ts';
import type { RibEvents } from '#rib/rib-events.ts';
import type { RibPeerSettings, SendSettings } from '#rib/rib-peer.ts';
import { Rib, type RibOptions } from '#rib/rib.ts';
import { AttrTable } from '#rib/tables/attr-table.ts';
import { RibView } from '#rib/view.ts';
import { encodeAttributes } from '#wire/attributes.ts';
import { Framer } from '#wire/framer.ts';
import type { RefreshSubtype } from '#wire/message.ts';
import type { Prefix } from '#wire/nlri.ts';
import type { PathAttributes } from '#wire/path-attributes.ts';
import { UpdateDecoder } from '#wire/update-decoder.ts';
import { UpdateWriter } from '#wire/update-writer.ts';
import type { DecodeContext } from '#wire/update.ts';
import { address, exportOf, importOf, prefix, route } from '../policy/given.ts';
import { RouterTable } from './router-table.ts';

export const seed = 0x5eed;

const writer = new UpdateWriter();

/** What a peer of the lab negotiates: both families, 4-octet AS numbers, messages of 4096 bytes. */
export const sendSettings: SendSettings = {
  families: [true, true],
  asnBytes: 4,
  maxMessageBytes: 4096,
  addPath: [false, false],
  longLived: false,
  extendedNextHop: [true, true],
};

/** The routes of one UPDATE. */
export interface Announced {
  readonly prefix: Prefix;
  readonly pathId?: number;
}

/** Returns the bytes of UPDATEs that announce the prefixes, all of one family, with these attributes. */
export function announcement(
  routes: readonly Announced[],
  attributes: PathAttributes,
  given: {
    readonly asnBytes?: 2 | 4;
    readonly addPath?: boolean;
    readonly maxLength?: number;
    /** Makes another block of the canonical one, which begins with ORIGIN in 4 bytes. */
    readonly respell?: (block: Uint8Array) => Uint8Array;
  } = {},
): Uint8Array {
  const { asnBytes = 4, addPath = false, maxLength = 4096, respell = (it) => it } = given;
  const { nextHop } = attributes;
  const inlineNextHop = nextHop.length === 4;
  const block = respell(encodeAttributes(attributes, { asnBytes, inlineNextHop }));
  const { family } = routes[0].prefix;
  writer.announce({ family, addPath, maxLength, attributes: block, nextHop });
  for (const it of routes) writer.add(it.prefix, it.pathId);
  writer.end();
  return writer.take();
}

export function withdrawal(routes: readonly Announced[], addPath = false): Uint8Array {
  writer.withdraw({ family: routes[0].prefix.family, addPath, maxLength: 4096 });
  for (const it of routes) writer.add(it.prefix, it.pathId);
  writer.end();
  return writer.take();
}

/** Returns one UPDATE with the content of two. */
export function inOne(first: Uint8Array, second: Uint8Array): Uint8Array {
  const [a, b] = [first, second].map(fieldsOf);
  const withdrawn = [...a.withdrawn, ...b.withdrawn];
  const attributes = [...a.attributes, ...b.attributes];
  const body = [...counted(withdrawn), ...counted(attributes), ...a.nlri, ...b.nlri];
  const length = 19 + body.length;
  return Uint8Array.of(...first.subarray(0, 16), length >> 8, length & 0xff, 2, ...body);
}

function fieldsOf(message: Uint8Array) {
  const attributesAt = 21 + (message[19] << 8) + message[20];
  const nlriAt = attributesAt + 2 + (message[attributesAt] << 8) + message[attributesAt + 1];
  return {
    withdrawn: message.subarray(21, attributesAt),
    attributes: message.subarray(attributesAt + 2, nlriAt),
    nlri: message.subarray(nlriAt),
  };
}

function counted(field: readonly number[]): number[] {
  return [field.length >> 8, field.length & 0xff, ...field];
}

/** A RIB with policy compiled into it, fed with messages as bytes; what it sends is stored in router tables. */
export class RibUnderTest implements RibOutput {
  readonly rib: Rib;
  readonly view: RibView;
  readonly attrs = new AttrTable(seed);
  readonly routers = new Map<PeerId, RouterTable>();
  readonly names: PeerNames = {
    nameOf: (id) => this.rib.peer(id).settings.name,
    asOf: (id) => this.asNumbers.get(this.names.nameOf(id)) ?? 0,
  };
  private readonly asNumbers = new Map<string, number>();
  private readonly exportJudges = new Map<ExportSettings, ExportJudge>();
  private readonly framer = new Framer();
  private readonly decoder = new UpdateDecoder();

  constructor(options: Partial<RibOptions> & { events?: RibEvents } = {}) {
    this.rib = new Rib({
      seed,
      decision: { med: 'same_as', tieBreak: 'router_id' },
      output: this,
      attrs: this.attrs,
      ...options,
    });
    this.view = new RibView(this.rib);
    this.framer.extendedMessages = true;
  }

  send(peer: PeerId, bytes: Uint8Array, messages: number): void {
    this.routerOf(peer).receive(bytes, messages);
  }

  sendRouteRefresh(peer: PeerId, family: 0 | 1, subtype: RefreshSubtype): void {
    this.routerOf(peer).receiveRefresh(family, subtype);
  }

  /** Returns the settings of the peer with its judges; equal export settings given as one object share a judge. */
  settings(
    imported: ImportSettings,
    exported?: ExportSettings,
    given: Partial<RibPeerSettings> = {},
  ): RibPeerSettings {
    this.asNumbers.set(imported.peerName, imported.peerAs);
    return {
      name: imported.peerName,
      peerAs: imported.peerAs,
      address: imported.peerAddress,
      importJudge: compileImport(imported, this.attrs),
      ...(exported !== undefined && { exportJudge: this.exportJudge(exported) }),
      families: [true, true],
      acceptedLimit: [undefined, undefined],
      receivedLimit: [undefined, undefined],
      honourGracefulShutdown: true,
      isShadow: false,
      mayAddPath: false,
      ...given,
    };
  }

  private exportJudge(settings: ExportSettings): ExportJudge {
    let judge = this.exportJudges.get(settings);
    if (judge === undefined) {
      judge = compileExport(settings, this.attrs, this.names);
      this.exportJudges.set(settings, judge);
    }
    return judge;
  }

  up(peer: PeerId, routerId: number, send: SendSettings = sendSettings): void {
    this.routers.set(peer, new RouterTable(send));
    this.rib.peerUp(peer, routerId, send);
  }

  /** Feeds bytes as they came from the peer; returns the limit that was tripped, if one was. */
  receive(
    peer: PeerId,
    bytes: Uint8Array,
    now = 0,
    context: Partial<DecodeContext> = {},
  ): ReturnType<Rib['update']> {
    const settled: DecodeContext = {
      asnBytes: 4,
      families: [true, true],
      addPath: [false, false],
      extendedNextHop: [true, false],
      ...context,
    };
    this.framer.push(bytes);
    while (this.framer.next()) {
      const update = this.decoder.decode(
        this.framer.bytes,
        this.framer.start,
        this.framer.end,
        settled,
      );
      const reached = this.rib.update(peer, update, now);
      if (reached !== undefined) return reached;
    }
    return undefined;
  }

  settle(budget = 1000): void {
    while (this.rib.hasWork) this.rib.work(budget);
  }

  routerOf(peer: PeerId): RouterTable {
    const router = this.routers.get(peer);
    if (router === undefined) throw new RangeError(`peer ${peer} is not up and was sent something`);
    return router;
  }
}

/** The lab of three nodes and routers: W1, W2 and W3 announce, ER2 and DR6 listen. */
export class Lab extends RibUnderTest {
  readonly nodes: readonly PeerId[];
  readonly clients: readonly PeerId[];

  constructor(options: ConstructorParameters<typeof RibUnderTest>[0] = {}) {
    super(options);
    this.nodes = ['2001:db8:6::11', '2001:db8:7::12', '2001:db8:8::13'].map((text, index) =>
      this.addNode(`W${index + 1}`, text),
    );
    const routers = this.settings(importOf({ policy: 'none' }), exportOf());
    this.clients = ['2001:db8:1::2', '2001:db8:1::6'].map((text, index) =>
      this.rib.addPeer({ ...routers, name: ['ER2', 'DR6'][index], address: address(text) }),
    );
    this.nodes.forEach((node, index) => this.up(node, 0x0101010b + index));
    this.clients.forEach((client, index) => this.up(client, 0x01010102 + index * 4));
  }

  addNode(name: string, text: string): PeerId {
    const imported = importOf({ peerName: name, peerAddress: address(text) });
    return this.rib.addPeer(this.settings(imported));
  }

  /** Node 1, 2 or 3 announces a prefix with a MED. */
  announce(
    node: number,
    text: string,
    med: number,
    given: Partial<PathAttributes> = {},
  ): ReturnType<Rib['update']> {
    const nextHop = this.rib.peer(this.nodes[node - 1]).settings.address;
    const attributes = route({ nextHop, med, ...given });
    return this.receive(this.nodes[node - 1], announcement([{ prefix: prefix(text) }], attributes));
  }

  shadow(client: PeerId, isShadow: boolean): void {
    this.rib.replaceSettings(client, { ...this.rib.peer(client).settings, isShadow });
  }

  withdraw(node: number, text: string): void {
    this.receive(this.nodes[node - 1], withdrawal([{ prefix: prefix(text) }]));
  }
}
