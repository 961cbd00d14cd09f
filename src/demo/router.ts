import type { Clock } from '#clock.ts';
import { formatAddress } from '#text/address.ts';
import { formatPrefix } from '#text/prefix.ts';
import { decodeAttributes } from '#wire/attributes.ts';
import { NlriReader } from '#wire/nlri.ts';
import type { NlriRange, PathAttributes } from '#wire/path-attributes.ts';
import type { Update } from '#wire/update.ts';
import type { ChildMessage, HeldRoute } from './messages.ts';
import { localAs, type RouterPlan } from './plan.ts';
import { Speaker } from './speaker.ts';

export interface RouterOptions {
  readonly plan: RouterPlan;
  readonly port: number;
  readonly clock: Clock;
  readonly tell: (message: ChildMessage) => void;
}

/** A router: it keeps what the route server sends, and reports its table after each change. */
export class Router {
  private readonly speaker: Speaker;
  private readonly tell: (message: ChildMessage) => void;
  private readonly table = new Map<string, HeldRoute>();
  private readonly reader = new NlriReader();

  constructor({ plan, port, clock, tell }: RouterOptions) {
    this.tell = tell;
    this.speaker = new Speaker(
      { plan, port, clock, localAs: localAs.routers, holdTimeSec: birdHoldTimeSec },
      {
        established: () => tell({ kind: 'session', isUp: true }),
        down: () => this.down(),
        update: (update) => this.take(update),
      },
    );
  }

  start(): void {
    this.speaker.start();
  }

  stop(): Promise<void> {
    return this.speaker.stop();
  }

  /** The routes of a lost session are removed with it. */
  private down(): void {
    this.table.clear();
    this.tell({ kind: 'session', isUp: false });
    this.show();
  }

  private take(update: Update): void {
    const { bytes, mpReach, mpUnreach } = update;
    for (const prefix of this.prefixesIn(bytes, mpUnreach)) this.table.delete(prefix);
    if (mpReach.start < mpReach.end) this.takeReachable(update);
    if (update.endOfRib === undefined) this.show();
  }

  private takeReachable(update: Update): void {
    const { bytes, mpReach, nextHopStart, nextHopEnd } = update;
    const { attributes, malformed } = decodeAttributes(
      update.attributeBytes,
      update.attributesStart,
      update.attributesEnd,
      { mpNextHop: bytes.subarray(nextHopStart, nextHopEnd), needsNextHop: false },
    );
    for (const prefix of this.prefixesIn(bytes, mpReach)) {
      if (malformed === undefined) this.table.set(prefix, heldRoute(prefix, attributes));
      else this.table.delete(prefix);
    }
  }

  private *prefixesIn(bytes: Uint8Array, range: NlriRange): Generator<string> {
    this.reader.reset(bytes, range);
    while (this.reader.next()) yield formatPrefix(this.reader);
  }

  private show(): void {
    this.tell({ kind: 'table', routes: [...this.table.values()] });
  }
}

/** The hold time that BIRD offers. */
const birdHoldTimeSec = 240;

function heldRoute(prefix: string, { nextHop, med, asPath }: PathAttributes): HeldRoute {
  return {
    prefix,
    nextHop: formatAddress(nextHop),
    med: med ?? 0,
    asPath: asPath.flatMap(({ asns }) => asns),
  };
}
