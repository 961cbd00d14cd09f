import type { Clock } from '#clock.ts';
import { type ServiceState, serviceStates } from '#services/audit.ts';
import { firstText, manyText, stateText } from '#services/state-text.ts';
import type { EventBus } from '../event-bus.ts';
import { inSlices } from '../in-slices.ts';
import type { KnownCause } from '../record/causes.ts';
import type { AddressAudits } from './address-audits.ts';
import type { LastAudit, ServiceAddresses, WatchedAddress } from './service-addresses.ts';

/** Changes within this time are reported together. A new address is given this time to reach its state. */
const reportedEveryMs = 1000;
/**
 * Up to this many addresses of a service that come into a state together are reported individually; more share one
 * line.
 */
const mostLines = 5;
const exampleCount = 10;

interface StateTellerParts {
  readonly clock: Clock;
  readonly addresses: ServiceAddresses;
  readonly audits: Pick<AddressAudits, 'of'>;
  readonly events: Pick<EventBus, 'emit'>;
}

/** Addresses of a service that have come into the same state, from a better one or from a worse one. */
interface Group {
  readonly service: string;
  readonly state: ServiceState;
  readonly isWorse: boolean;
  readonly rows: WatchedAddress[];
}

/**
 * Reports the states of service addresses: nothing before `begin`, then a line for each service, then each change. Many
 * changes at once share one line, with rows in addition that only the history and the stream have.
 */
export class StateTeller {
  private readonly parts: StateTellerParts;
  /** Addresses whose state may differ from what was reported. */
  private readonly unreported = new Set<WatchedAddress>();
  private hasBegun = false;
  private firstCause: KnownCause | undefined;
  private isFirstTold = false;
  private isTelling = false;
  private hasStopped = false;
  private lastToldMs = -Infinity;

  constructor(parts: StateTellerParts) {
    this.parts = parts;
  }

  /** The first report is made once all addresses have been audited again; `cause` is that of the beginning. */
  begin(cause?: KnownCause): void {
    this.hasBegun = true;
    this.firstCause = cause;
  }

  /** Nothing is reported any more after what waits to be reported. */
  stop(): void {
    if (this.hasBegun && this.isFirstTold) for (const _ of this.tellingChanges());
    this.hasStopped = true;
  }

  /** The address has been audited. */
  audited(address: WatchedAddress): void {
    if (address.lastAudit?.state !== address.reportedState) this.unreported.add(address);
  }

  /** No audit is due. */
  allAudited(): void {
    if (!this.hasBegun || this.isTelling || this.hasStopped) return;
    if (this.unreported.size === 0 && this.isFirstTold) return;
    const { clock } = this.parts;
    const waitMs = this.lastToldMs + reportedEveryMs - clock.monotonic();
    this.isTelling = true;
    if (waitMs > 0) clock.after(waitMs, () => this.tell());
    else this.tell();
  }

  /** The address is no longer watched. */
  forget(address: WatchedAddress): void {
    this.unreported.delete(address);
  }

  private tell(): void {
    const { clock } = this.parts;
    this.lastToldMs = clock.monotonic();
    const work = inSlices(clock, this.isFirstTold ? this.tellingChanges() : this.tellingFirst());
    const next = (): void => {
      if (this.hasStopped) return;
      if (work.next().done !== true) return void clock.soon(next);
      this.isTelling = false;
      this.allAudited();
    };
    next();
  }

  /** Reports the states once every address has been audited. */
  private *tellingFirst(): Generator<void> {
    this.isFirstTold = true;
    const services = new Map<string, Map<ServiceState, string[]>>();
    for (const address of this.parts.addresses.all()) {
      const { service, text, lastAudit } = address;
      yield;
      if (lastAudit === undefined) continue;
      address.reportedState = lastAudit.state;
      this.unreported.delete(address);
      const states = services.get(service.name) ?? new Map<ServiceState, string[]>();
      const prefixes = states.get(lastAudit.state) ?? [];
      services.set(service.name, states.set(lastAudit.state, prefixes));
      prefixes.push(text);
    }
    for (const [service, states] of services) this.tellAll(service, states);
  }

  private tellAll(service: string, states: ReadonlyMap<ServiceState, readonly string[]>): void {
    const worst = serviceStates.find((state) => states.has(state)) ?? 'ok';
    const prefixes = states.get(worst) ?? [];
    this.parts.events.emit({
      event: 'service_state',
      service,
      new_state: worst,
      count: prefixes.length,
      examples: prefixes.slice(0, exampleCount),
      text: firstText(states),
      is_worse: worst !== 'ok',
      ...causeFields(this.firstCause),
    });
  }

  private *tellingChanges(): Generator<void> {
    const groups = new Map<string, Group>();
    for (const address of this.unreported) {
      yield;
      if (this.isTooNew(address)) continue;
      this.unreported.delete(address);
      const { service, lastAudit, reportedState } = address;
      if (lastAudit === undefined || lastAudit.state === reportedState) continue;
      const { state } = lastAudit;
      const isWorse = isWorseThan(state, reportedState);
      // An address that is ok when it is first seen is not reported.
      if (reportedState === undefined && !isWorse) address.reportedState = state;
      else {
        const key = `${service.name} ${state} ${isWorse}`;
        const group = groups.get(key) ?? { service: service.name, state, isWorse, rows: [] };
        groups.set(key, group);
        group.rows.push(address);
      }
    }
    for (const group of groups.values()) yield* this.tellingGroup(group);
  }

  /** An address that has just been seen may lack its other paths for a moment. */
  private isTooNew({ reportedState, watchedSinceMs }: WatchedAddress): boolean {
    const ageMs = this.parts.clock.monotonic() - watchedSinceMs;
    return reportedState === undefined && ageMs < reportedEveryMs;
  }

  private *tellingGroup(group: Group): Generator<void> {
    const isMany = group.rows.length > mostLines;
    if (isMany) this.tellMany(group);
    for (const address of group.rows) {
      this.tellOne(address, group, isMany);
      yield;
    }
  }

  private tellOne(address: WatchedAddress, { service, state }: Group, isCounted: boolean): void {
    const { text: prefix, lastAudit, reportedState } = address;
    const audit = this.parts.audits.of(address);
    // It has changed again meanwhile: its next audit is due, and will be reported.
    if (audit.state !== state) return void this.unreported.add(address);
    address.reportedState = state;
    this.parts.events.emit({
      event: 'service_state',
      service,
      prefix,
      ...(reportedState !== undefined && { old_state: reportedState }),
      new_state: state,
      text: stateText(prefix, audit),
      ...causeFields(lastAudit?.cause),
      ...(isCounted && { is_counted: true as const }),
    });
  }

  private tellMany({ service, state, isWorse, rows }: Group): void {
    const prefixes = rows.map(({ text }) => text);
    const causes = new Set(rows.map(({ lastAudit }) => lastAudit?.cause?.id));
    this.parts.events.emit({
      event: 'service_state',
      service,
      new_state: state,
      count: rows.length,
      examples: prefixes.slice(0, exampleCount),
      text: manyText(prefixes),
      is_worse: isWorse,
      ...(causes.size === 1 && causeFields(rows[0].lastAudit?.cause)),
    });
  }
}

function isWorseThan(state: ServiceState, before: ServiceState = 'ok'): boolean {
  return serviceStates.indexOf(state) < serviceStates.indexOf(before);
}

function causeFields(cause: LastAudit['cause']) {
  return cause === undefined ? {} : { cause: cause.cause, cause_id: cause.id };
}
