import type { Clock } from '#clock.ts';
import { parseAddress } from '#text/address.ts';
import { parsePrefix } from '#text/prefix.ts';
import { encodeAttributes } from '#wire/attributes.ts';
import { Family, maxMessageBytes } from '#wire/constants.ts';
import { Origin, type PathAttributes } from '#wire/path-attributes.ts';
import { UpdateWriter } from '#wire/update-writer.ts';
import type { SessionMessage } from './messages.ts';
import { localAs, medOf, type NodePlan, services } from './plan.ts';
import { Speaker } from './speaker.ts';

export interface AnnouncerOptions {
  readonly plan: NodePlan;
  readonly port: number;
  readonly clock: Clock;
  readonly isHealthy: boolean;
  readonly tell: (message: SessionMessage) => void;
}

/**
 * A node that behaves like ExaBGP with its healthcheck: every service address has its own MED and its own UPDATE; a
 * failed check raises the MEDs and withdraws nothing.
 */
export class Announcer {
  private readonly speaker: Speaker;
  private readonly plan: NodePlan;
  private readonly writer = new UpdateWriter();
  private isHealthy: boolean;
  private isUp = false;

  constructor({ plan, port, clock, isHealthy, tell }: AnnouncerOptions) {
    this.plan = plan;
    this.isHealthy = isHealthy;
    const moved = (isUp: boolean): void => {
      this.isUp = isUp;
      tell({ kind: 'session', isUp });
    };
    this.speaker = new Speaker(
      { plan, port, clock, localAs: localAs.nodes, holdTimeSec: exabgpHoldTimeSec },
      {
        established: () => {
          moved(true);
          this.announce(true);
        },
        down: () => moved(false),
        update: () => undefined,
      },
    );
  }

  start(): void {
    this.speaker.start();
  }

  stop(): Promise<void> {
    return this.speaker.stop();
  }

  setHealth(isHealthy: boolean): void {
    if (this.isHealthy === isHealthy) return;
    this.isHealthy = isHealthy;
    if (this.isUp) this.announce(false);
  }

  private announce(isFirst: boolean): void {
    const { writer } = this;
    for (const [index, service] of services.entries()) {
      const attributes = this.attributesOf(index);
      writer.announce({
        family: Family.ipv6Unicast,
        addPath: false,
        maxLength: maxMessageBytes,
        attributes: encodeAttributes(attributes, { asnBytes: 4, inlineNextHop: false }),
        nextHop: attributes.nextHop,
      });
      writer.add(parsePrefix(service));
      writer.end();
    }
    if (isFirst) writer.endOfRib(Family.ipv6Unicast);
    const { messages } = writer;
    this.speaker.send(writer.take(), messages);
  }

  private attributesOf(index: number): PathAttributes {
    return {
      origin: Origin.igp,
      asPath: [{ kind: 'sequence', asns: [localAs.nodes] }],
      nextHop: parseAddress(this.plan.nextHop),
      med: medOf(this.plan, index, this.isHealthy),
      atomicAggregate: false,
      communities: [],
      extCommunities: [],
      ipv6ExtCommunities: [],
      largeCommunities: [],
      unknown: [],
    };
  }
}

/** The hold time that ExaBGP offers. */
const exabgpHoldTimeSec = 180;
