import type { Clock } from '#clock.ts';
import type { Config } from '#config/config.ts';
import type { RibView } from '#rib/view.ts';
import type { AuditedPath, ServiceState } from '#services/audit.ts';
import { inSlices } from '../in-slices.ts';
import type { KnownCause } from '../record/causes.ts';
import type { AddressAudits } from './address-audits.ts';
import type { ServiceAddresses, WatchedAddress } from './service-addresses.ts';
import type { StateTeller } from './state-teller.ts';

/** While the RIB has work, addresses may still change, so audits wait, but not forever. */
const waitMs = 10;
const longestWaitMs = 1000;

interface ServiceStatesParts {
  readonly clock: Clock;
  readonly rib: Pick<RibView, 'hasWork'>;
  readonly addresses: ServiceAddresses;
  readonly audits: Pick<AddressAudits, 'of'>;
  readonly teller: Pick<StateTeller, 'audited' | 'allAudited' | 'begin' | 'forget' | 'stop'>;
}

/**
 * Keeps the state of every address of a service up to date: only addresses that were affected by something are audited
 * again, in slices.
 */
export class ServiceStates {
  private readonly parts: ServiceStatesParts;
  /** Addresses that were affected by something, and the cause. */
  private readonly changed = new Map<WatchedAddress, KnownCause | undefined>();
  /** Every address that is not `ok`. */
  private readonly unwell = new Set<WatchedAddress>();
  /** A walk through all addresses. */
  private sweep: Iterator<WatchedAddress> | undefined;
  private sweepCause: KnownCause | undefined;
  private isScheduled = false;
  private hasStopped = false;
  private waitedSinceMs: number | undefined;

  constructor(parts: ServiceStatesParts) {
    this.parts = parts;
  }

  /**
   * All peers have been heard, or are no longer waited for, because of this cause: from now on changes are reported.
   */
  begin(cause?: KnownCause): void {
    this.parts.teller.begin(cause);
    this.lookAgain(cause);
  }

  /** Nothing is audited or reported any more. */
  stop(): void {
    this.hasStopped = true;
    this.parts.teller.stop();
  }

  /** Called after the addresses were updated. */
  applyConfig(_config: Config, changed: ReadonlySet<string>): void {
    if (changed.has('services')) {
      for (const address of [...this.changed.keys(), ...this.unwell]) this.forget(address);
    }
    this.lookAgain(undefined);
  }

  /** A path of the address has changed. */
  addressChanged(address: WatchedAddress, cause: KnownCause | undefined): void {
    this.changed.set(address, cause ?? this.changed.get(address));
    this.schedule(0);
  }

  /** Something has changed on which the audit of any address may depend. */
  lookAgain(cause: KnownCause | undefined): void {
    this.sweep = this.parts.addresses.all()[Symbol.iterator]();
    this.sweepCause = cause;
    this.schedule(0);
  }

  /** Returns the state of an address, which is audited only if something may have changed since it last was. */
  stateOf(address: WatchedAddress): ServiceState {
    const isKnown = this.sweep === undefined && !this.changed.has(address);
    const lastAudit = isKnown ? address.lastAudit : undefined;
    return lastAudit?.state ?? this.parts.audits.of(address).state;
  }

  /** Returns the addresses that are not `ok`, in no particular order. */
  allUnwell(): Iterable<WatchedAddress> {
    return this.unwell;
  }

  /** The address is no longer watched. */
  forget(address: WatchedAddress): void {
    this.changed.delete(address);
    this.unwell.delete(address);
    this.parts.teller.forget(address);
  }

  /** Routers are served first: what the RIB decides in the next turn has left when the audit begins. */
  private schedule(delayMs: number): void {
    if (this.isScheduled || this.hasStopped) return;
    this.isScheduled = true;
    const { clock } = this.parts;
    if (delayMs > 0) clock.after(delayMs, () => this.run());
    else clock.soon(() => clock.soon(() => this.run()));
  }

  private run(): void {
    this.isScheduled = false;
    if (this.hasStopped) return;
    const { clock, rib, teller } = this.parts;
    const now = clock.monotonic();
    this.waitedSinceMs ??= now;
    if (rib.hasWork && now - this.waitedSinceMs < longestWaitMs) return this.schedule(waitMs);
    const isOver = inSlices(clock, this.auditing()).next().done === true;
    if (!isOver) return this.schedule(0);
    this.waitedSinceMs = undefined;
    teller.allAudited();
  }

  private *auditing(): Generator<void> {
    for (const [address, cause] of this.changed) {
      this.changed.delete(address);
      this.audit(address, cause);
      yield;
    }
    while (this.sweep !== undefined) {
      const next = this.sweep.next();
      if (next.done === true) this.sweep = undefined;
      else this.audit(next.value, this.sweepCause);
      yield;
    }
  }

  private audit(address: WatchedAddress, cause: KnownCause | undefined): void {
    const { audits, clock, teller } = this.parts;
    const { state, paths } = audits.of(address);
    const before = address.lastAudit;
    const isSame = before?.state === state;
    address.lastAudit = {
      state,
      sinceMs: isSame ? before.sinceMs : clock.monotonic(),
      cause: isSame ? before.cause : cause,
      node: paths.at(0)?.node ?? before?.node,
      onlyNode: onlyNodeOf(paths),
    };
    if (state === 'ok') this.unwell.delete(address);
    else this.unwell.add(address);
    teller.audited(address);
  }
}

/** Returns the only node of an address: among those that are up, or else among all. */
export function onlyNodeOf(paths: readonly AuditedPath[]): string | undefined {
  const healthy = paths.filter(({ isHealthy }) => isHealthy);
  const nodes = new Set((healthy.length > 0 ? healthy : paths).map(({ node }) => node));
  const [node] = nodes;
  return nodes.size === 1 ? node : undefined;
}
