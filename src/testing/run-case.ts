import type { Config } from '#config/config.ts';
import { encodeAttributes } from '#wire/attributes.ts';
import { maxExtendedMessageBytes } from '#wire/constants.ts';
import type { Prefix } from '#wire/nlri.ts';
import { UpdateWriter } from '#wire/update-writer.ts';
import type { Case, CasePlace, Step } from './cases.ts';
import { type Difference, differencesOf, type Failure } from './expectations.ts';
import type { OfflinePeer } from './offline/offline-peer.ts';
import { OfflineServer } from './offline/offline-server.ts';

export interface CaseResult {
  readonly name: string;
  readonly place: CasePlace;
  readonly failures: readonly Failure[];
}

/**
 * Runs one case from the beginning, on a server of its own; continues with the next stage even after a failure.
 */
export function runCase(config: Config, { name, place, stages }: Case): CaseResult {
  const server = new OfflineServer(config);
  const player = new Player(server);
  server.settle();
  const failures: Failure[] = [];
  for (const { steps, expectations } of stages) {
    for (const step of steps) {
      const failure = player.play(step);
      server.settle();
      if (failure !== undefined) failures.push(failure);
    }
    failures.push(...expectations.flatMap((expectation) => differencesOf(server, expectation)));
  }
  return { name, place, failures };
}

/** Plays steps on a server. */
class Player {
  private readonly server: OfflineServer;
  private readonly writer = new UpdateWriter();

  constructor(server: OfflineServer) {
    this.server = server;
  }

  /** Returns a failure if the step is impossible in the present state. */
  play(step: Step): Failure | undefined {
    const { server } = this;
    switch (step.kind) {
      case 'announce':
      case 'withdraw':
        return this.update(step);
      case 'up':
        server.bringUp(server.peer(step.peer), step.routerId);
        return undefined;
      case 'down':
        server.takeDown(server.peer(step.peer));
        return undefined;
      case 'drain':
        return this.drain(step);
      case 'probe':
        for (const index of server.config.services.keys()) {
          if (step.service === undefined || step.service === index) {
            server.setAnswering(step.node, index, step.isAnswering);
          }
        }
        return undefined;
      case 'vrps':
      case 'aspas':
        server.setValidated(step);
        return undefined;
      case 'sibling':
        for (const prefix of step.prefixes) server.siblingOffers(step.sibling, prefix, step.route);
        return undefined;
      default:
        return step satisfies never;
    }
  }

  private drain(step: Extract<Step, { kind: 'drain' }>): Failure | undefined {
    const { node, isDrained, isForced } = step;
    const refusals = isDrained && !isForced ? this.server.drainRefusals(node) : [];
    if (refusals.length > 0) {
      const actual = `refused (${refusals.join('; ')}); add force: true to drain it anyway`;
      return failed(step, { what: 'step', expected: 'a drain that the guard allows', actual });
    }
    this.server.setDrained(node, isDrained);
    return undefined;
  }

  private update(step: Extract<Step, { kind: 'announce' | 'withdraw' }>): Failure | undefined {
    const peer = this.server.peer(step.peer);
    const limit = peer.endedBy;
    if (limit !== undefined) {
      const key = limit.counts === 'accepted' ? 'max_prefix' : 'max_prefix_received';
      return impossible(
        step,
        `a peer whose session was ended by ${key} ${limit.limit.limit}; { peer: ${peer.name}, up: true } starts another`,
      );
    }
    if (step.kind === 'announce') {
      const hasChanged = step.routerId !== undefined;
      if (!peer.isUp || hasChanged) this.server.bringUp(peer, step.routerId);
    } else if (!peer.isUp) {
      return impossible(step, 'a peer whose session is down');
    }
    for (const prefix of step.prefixes) {
      if (!peer.isUp) break;
      this.send(peer, prefix, step);
    }
    return undefined;
  }

  /** Sends the routes as bytes, so that the decoder of the daemon reads them. */
  private send(
    peer: OfflinePeer,
    prefix: Prefix,
    step: Extract<Step, { kind: 'announce' | 'withdraw' }>,
  ): void {
    const { writer } = this;
    const options = { family: prefix.family, addPath: false, maxLength: maxExtendedMessageBytes };
    if (step.kind === 'withdraw') writer.withdraw(options);
    else {
      const { attributes } = step;
      const { nextHop } = attributes;
      const block = encodeAttributes(attributes, {
        asnBytes: 4,
        inlineNextHop: prefix.family === 0,
      });
      writer.announce({ ...options, attributes: block, nextHop });
    }
    writer.add(prefix);
    writer.end();
    this.server.receive(peer, writer.take());
  }
}

function impossible(step: Step, actual: string): Failure {
  return failed(step, { what: 'step', expected: 'a peer that is up', actual });
}

function failed({ place, kind }: Step, difference: Difference): Failure {
  return { place, subject: kind, differences: [difference] };
}
