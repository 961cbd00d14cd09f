import { type By, byText } from '#api/by.ts';
import type { DrainCommand, DrainOutcome, UndrainCommand, UndrainOutcome } from '#api/commands.ts';
import { timestamp } from '#clock.ts';
import type { PeerId } from '#policy/ids.ts';
import { guardDrain, type GuardFinding } from '#services/drain-guard.ts';
import { targetText } from '#services/drain.ts';
import { messageOf } from '#text/message-of.ts';
import { printable } from '#text/printable.ts';
import { domainOf } from '../changes/domains.ts';
import type { Daemon } from '../daemon.ts';
import { inTurns } from '../in-slices.ts';
import type { RunningPeer } from '../peers/running-peer.ts';
import { whyNotEnded } from './end-of-drain.ts';
import { guardedAddresses } from './guard-facts.ts';
import type { Drain } from './stored-drains.ts';

/** How many addresses a text lists. */
const mostTold = 20;

/**
 * Begins and ends drains, one command after the other: no other drain begins between the guard's decision on a drain
 * and its beginning. All addresses are examined in slices.
 */
export class DrainCommands {
  private readonly daemon: Daemon;
  /** Settles when all commands so far are done. */
  private last: Promise<unknown> = Promise.resolve();

  constructor(daemon: Daemon) {
    this.daemon = daemon;
  }

  /** Rejects with a QueryError for a name that no peer has. */
  drain(command: DrainCommand, by: By): Promise<DrainOutcome> {
    return this.next(() => this.begin(command, by));
  }

  /** Rejects with a QueryError for an unknown name; `undefined` for an unknown id. */
  undrain(command: UndrainCommand, by: By): Promise<UndrainOutcome | undefined> {
    return this.next(() => this.end(command, by));
  }

  private next<Outcome>(action: () => Promise<Outcome>): Promise<Outcome> {
    const outcome = this.last.then(action, action);
    this.last = outcome;
    return outcome;
  }

  private async begin(command: DrainCommand, by: By): Promise<DrainOutcome> {
    const { kind, name, ttlS, comment, isForced = false, isVolatile = false } = command;
    const { drains } = this.daemon;
    const { peers, ...target } = domainOf(this.daemon.peers, kind, name);
    const known = drains.ofTarget(target);
    if (known !== undefined) return this.already(known);
    const { refused, warned } = await inTurns(this.daemon.clock, this.guard(peers));
    if (refused.length > 0 && !isForced)
      return { ok: false, message: refusalText(target, refused) };
    try {
      const drain = drains.add({
        target,
        by,
        isVolatile,
        ...(ttlS !== undefined && { ttlMs: ttlS * 1000 }),
        ...(comment !== undefined && { comment: printable(comment) }),
      });
      return {
        ok: true,
        id: drain.id,
        isNew: true,
        warnings: this.warnings(drain, [...refused, ...warned]),
      };
    } catch (error) {
      return { ok: false, message: notKeptText(error) };
    }
  }

  private async end(
    { which, isVolatile = false }: UndrainCommand,
    by: By,
  ): Promise<UndrainOutcome | undefined> {
    const { drains, clock } = this.daemon;
    const chosen = this.chosen(which);
    if (chosen === undefined) return undefined;
    const warnings: string[] = [];
    for (const { target } of chosen) {
      const why = await inTurns(clock, whyNotEnded(this.daemon, target));
      if (why !== undefined) warnings.push(`${targetText(target)}: ${why}`);
    }
    // The time of some may have ended meanwhile.
    const ended = chosen.filter(({ id }) => drains.withId(id) !== undefined);
    try {
      drains.end(ended, by, isVolatile);
    } catch (error) {
      return { ok: false, message: notKeptText(error) };
    }
    return { ok: true, ended: ended.map(({ id, target }) => ({ id, target })), warnings };
  }

  private chosen(which: UndrainCommand['which']): readonly Drain[] | undefined {
    const { drains, peers } = this.daemon;
    if (which.kind === 'all') return [...drains];
    if (which.kind === 'id') {
      const drain = drains.withId(which.id);
      return drain === undefined ? undefined : [drain];
    }
    const { domain, name } = which;
    const known = drains.ofTarget({ kind: domain, name });
    if (known !== undefined) return [known];
    const { peers: _, ...target } = domainOf(peers, domain, name);
    const drain = drains.ofTarget(target);
    return drain === undefined ? [] : [drain];
  }

  private guard(targets: readonly RunningPeer[]) {
    const { view, peers, config, probes } = this.daemon;
    const isSilent = (service: string, peer: PeerId): boolean =>
      probes.stateOf(service, peer) === 'not_answering' && !probes.isBraked(service);
    const ids = new Set(targets.map(({ ribId }) => ribId));
    return guardDrain(guardedAddresses(view, peers, ids, config.services, isSilent));
  }

  private already(drain: Drain): DrainOutcome {
    const { sinceWallMs, by, id, target } = drain;
    const since = `${targetText(target)} is drained since ${timestamp(sinceWallMs)} by ${byText(by)}`;
    return { ok: true, id, isNew: false, warnings: [since] };
  }

  private warnings({ isVolatile }: Drain, findings: readonly GuardFinding[]): string[] {
    return [
      ...listed(findings),
      ...this.daemon.config.services
        .filter(({ name }) => this.daemon.probes.isBraked(name))
        .map(({ name }) => `probes of ${name} were not counted: too many nodes do not answer`),
      ...(isVolatile
        ? ['the drain ends with the process, because it is not stored in state_dir']
        : []),
    ];
  }
}

function refusalText(target: Drain['target'], refused: readonly GuardFinding[]): string {
  const lines = listed(refused).join('; ');
  return `drain of ${targetText(target)} refused: ${lines} (--force overrides this)`;
}

function listed(findings: readonly GuardFinding[]): string[] {
  const lines = findings.slice(0, mostTold).map(({ prefix, text }) => `${prefix}: ${text}`);
  const more = findings.length - lines.length;
  return more > 0 ? [...lines, `and ${more} more addresses`] : lines;
}

function notKeptText(error: unknown): string {
  const why = messageOf(error);
  return `nothing was changed, because it could not be stored: ${why} (--volatile does it anyway)`;
}
