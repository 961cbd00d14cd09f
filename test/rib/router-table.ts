import type { SendSettings } from '#rib/rib-peer.ts';
import { formatPrefix } from '#text/prefix.ts';
import { decodeAttributes } from '#wire/attributes.ts';
import type { Family } from '#wire/constants.ts';
import { Framer } from '#wire/framer.ts';
import { RefreshSubtype } from '#wire/message.ts';
import { NlriReader, type Prefix } from '#wire/nlri.ts';
import type { NlriRange, PathAttributes } from '#wire/path-attributes.ts';
import { UpdateDecoder } from '#wire/update-decoder.ts';
import type { Update } from '#wire/update.ts';

/** The Adj-RIB-In of a router after the bytes that it was sent, decoded as any router would. */
export class RouterTable {
  /** By prefix as text. */
  readonly routes = new Map<string, PathAttributes>();
  /** By prefix, and path identifier if there is one (RFC 7911). */
  readonly paths = new Map<string, { readonly prefix: string; readonly route: PathAttributes }>();
  /** By family. */
  readonly endOfRibs = [0, 0];
  /** BoRRs, by family, and whether an EoRR is awaited (RFC 7313 §4). */
  readonly begun = [0, 0];
  readonly isRefreshing = [false, false];
  announced = 0;
  withdrawn = 0;
  messages = 0;
  private readonly framer = new Framer();
  private readonly decoder = new UpdateDecoder();
  private readonly settings: SendSettings;

  constructor(settings: SendSettings) {
    this.settings = settings;
    this.framer.extendedMessages = settings.maxMessageBytes > 4096;
  }

  receive(bytes: Uint8Array, messages: number): void {
    const { framer, decoder, settings } = this;
    let seen = 0;
    framer.push(bytes);
    while (framer.next()) {
      seen++;
      this.apply(
        decoder.decode(framer.bytes, framer.start, framer.end, {
          asnBytes: settings.asnBytes,
          families: settings.families,
          addPath: settings.addPath,
          extendedNextHop: [true, false],
        }),
      );
    }
    if (seen !== messages) throw new Error(`${seen} messages, said to be ${messages}`);
    this.messages += messages;
  }

  receiveRefresh(family: Family, subtype: RefreshSubtype): void {
    if (subtype === RefreshSubtype.begin) {
      if (this.endOfRibs[family] === 0) throw new Error('BoRR before End-of-RIB');
      this.begun[family]++;
    } else if (!this.isRefreshing[family]) throw new Error('EoRR without BoRR');
    this.isRefreshing[family] = subtype === RefreshSubtype.begin;
  }

  private apply(update: Update): void {
    if (update.endOfRib !== undefined) this.endOfRibs[update.endOfRib]++;
    this.withdraw(update, update.withdrawn);
    this.withdraw(update, update.mpUnreach);
    this.announce(update, update.mpReach, true);
    this.announce(update, update.nlri, false);
  }

  private withdraw(update: Update, range: NlriRange): void {
    for (const { text, pathId } of prefixesOf(update, range)) {
      this.withdrawn++;
      if (range.addPath) this.paths.delete(`${text} ${pathId}`);
      else this.routes.delete(text);
    }
  }

  private announce(update: Update, range: NlriRange, mp: boolean): void {
    if (range.start === range.end) return;
    const { attributeBytes, attributesStart, attributesEnd } = update;
    const mpNextHop = update.bytes.slice(update.nextHopStart, update.nextHopEnd);
    const { attributes, malformed } = decodeAttributes(
      attributeBytes,
      attributesStart,
      attributesEnd,
      { ...(mp && { mpNextHop }), needsNextHop: !mp },
    );
    if (malformed !== undefined) throw new Error(malformed.text);
    for (const { text, pathId } of prefixesOf(update, range)) {
      this.announced++;
      if (range.addPath) this.paths.set(`${text} ${pathId}`, { prefix: text, route: attributes });
      else this.routes.set(text, attributes);
    }
  }
}

function prefixesOf(update: Update, range: NlriRange): { text: string; pathId: number }[] {
  const reader = new NlriReader();
  const found: { text: string; pathId: number }[] = [];
  reader.reset(update.bytes, range);
  while (reader.next()) found.push({ text: prefixText(reader), pathId: reader.pathId });
  return found;
}

const texts = new Map<string, string>();

/** Returns the prefix as text, and remembers it, because the properties ask for the same few a million times. */
export function prefixText(prefix: Prefix): string {
  const { family, lengthBits, word0, word1, word2, word3 } = prefix;
  const key = `${family} ${word0} ${word1} ${word2} ${word3} ${lengthBits}`;
  let known = texts.get(key);
  if (known === undefined) texts.set(key, (known = formatPrefix(prefix)));
  return known;
}
