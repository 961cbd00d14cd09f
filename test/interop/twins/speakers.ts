import { readFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { attributesView } from '#daemon/views/path-views.ts';
import {
  fourOctetAsCapability,
  ipv4UnicastCapability,
  ipv6UnicastCapability,
  MessageType,
} from '#support/raw-message.ts';
import { RawSpeaker } from '#support/raw-speaker.ts';
import { pause } from '#support/wait.ts';
import { parseAddress } from '#text/address.ts';
import { formatPrefix, parsePrefix } from '#text/prefix.ts';
import { decodeAttributes, emptyAttributes, encodeAttributes } from '#wire/attributes.ts';
import { headerBytes } from '#wire/constants.ts';
import { NlriReader } from '#wire/nlri.ts';
import type { NlriRange } from '#wire/path-attributes.ts';
import { UpdateDecoder } from '#wire/update-decoder.ts';
import { UpdateWriter } from '#wire/update-writer.ts';
import type { DecodeContext } from '#wire/update.ts';
import type { Said, SpeakersPlan, TwinPeer, TwinRoute } from './twins.ts';

/**
 * Every peer of a route server in one process: each connects to it, again if the session ends, announces its routes,
 * and prints a line of JSON for each change that it receives. `node speakers.ts PLAN.json`, in the namespace that has
 * the peers' addresses.
 */
const plan: SpeakersPlan = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const context: DecodeContext = {
  asnBytes: 4,
  families: [true, true],
  addPath: [false, false],
  extendedNextHop: [false, false],
};

await Promise.all(
  plan.peers.map(async (peer) => {
    for (;;) await play(peer);
  }),
);

async function play(peer: TwinPeer): Promise<void> {
  const speaker = await established(peer);
  say({ peer: peer.name, up: true });
  speaker.keepAlive(1000);
  speaker.send(...peer.announces.map(announcement));
  const decoder = new UpdateDecoder();
  for (let at = 0; !speaker.isClosed; await pause(20)) {
    const updates = speaker.of(MessageType.update);
    for (; at < updates.length; at++) {
      const { bytes } = updates[at];
      tell(peer.name, decoder.decode(bytes, headerBytes, bytes.length, context));
    }
  }
  say({ peer: peer.name, up: false });
  for (const { body } of speaker.of(MessageType.notification)) {
    console.error(`${peer.name} was sent NOTIFICATION ${body[0]}/${body[1]}`);
  }
}

/** Tries until the route server accepts the connection. */
async function established({ address, as, routerId }: TwinPeer): Promise<RawSpeaker> {
  const isIpv6 = address.includes(':');
  const host = plan.routeServer[isIpv6 ? 'ipv6' : 'ipv4'];
  for (;;) {
    const socket = createConnection({ host, port: 179, localAddress: address });
    const speaker = RawSpeaker.over(socket);
    const capabilities = [
      isIpv6 ? ipv6UnicastCapability : ipv4UnicastCapability,
      fourOctetAsCapability(as),
    ];
    const isUp = await Promise.race([
      speaker
        .establish({
          as: as > 65_535 ? 23_456 : as,
          holdTimeSec: 90,
          routerId,
          capabilities,
        })
        .then(
          () => true,
          () => false,
        ),
      speaker.waitForClose().then(() => false),
    ]);
    if (isUp) return speaker;
    speaker.close();
    await pause(300);
  }
}

function announcement({
  prefix: text,
  nextHop: hop,
  asPath,
  med,
  communities = [],
  largeCommunities = [],
}: TwinRoute): Buffer {
  const writer = new UpdateWriter();
  const prefix = parsePrefix(text);
  const nextHop = parseAddress(hop);
  const attributes = {
    ...emptyAttributes(nextHop),
    origin: 0,
    asPath: [{ kind: 'sequence', asns: asPath }],
    ...(med !== undefined && { med }),
    communities: communities.map((community) => {
      const [high, low] = community.split(':').map(Number);
      return ((high << 16) | low) >>> 0;
    }),
    largeCommunities: largeCommunities.map((community): [number, number, number] => {
      const [global, first, second] = community.split(':').map(Number);
      return [global, first, second];
    }),
  } as const;
  const block = encodeAttributes(attributes, { asnBytes: 4, inlineNextHop: prefix.family === 0 });
  const { family } = prefix;
  writer.announce({ family, addPath: false, maxLength: 4096, attributes: block, nextHop });
  writer.add(prefix);
  writer.end();
  return Buffer.from(writer.take());
}

type Decoded = ReturnType<UpdateDecoder['decode']>;

function tell(peer: string, update: Decoded): void {
  for (const range of [update.withdrawn, update.mpUnreach]) {
    for (const prefix of prefixesOf(update, range)) say({ peer, prefix });
  }
  for (const range of [update.mpReach, update.nlri]) {
    const prefixes = prefixesOf(update, range);
    if (prefixes.length === 0) continue;
    const mpNextHop =
      range === update.mpReach
        ? { mpNextHop: update.bytes.slice(update.nextHopStart, update.nextHopEnd) }
        : {};
    const { attributeBytes, attributesStart, attributesEnd } = update;
    const options = { needsNextHop: range === update.nlri, ...mpNextHop };
    const { attributes } = decodeAttributes(
      attributeBytes,
      attributesStart,
      attributesEnd,
      options,
    );
    for (const prefix of prefixes) say({ peer, prefix, route: attributesView(attributes) });
  }
}

function prefixesOf({ bytes }: Decoded, range: NlriRange): string[] {
  if (range.start === range.end) return [];
  const reader = new NlriReader();
  reader.reset(bytes, range);
  const found: string[] = [];
  while (reader.next()) found.push(formatPrefix(reader));
  return found;
}

function say(said: Said): void {
  process.stdout.write(`${JSON.stringify(said)}\n`);
}
