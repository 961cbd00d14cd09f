import { describe, expect, it } from 'vitest';
import { describe as textOf } from '#api/events/event-text.ts';
import type { DaemonEvent } from '#api/events/events.ts';
import type { Cancel } from '#clock.ts';
import type { ServiceConfig } from '#config/config.ts';
import { AddressAudits } from '#daemon/services/address-audits.ts';
import { ServiceAddresses } from '#daemon/services/service-addresses.ts';
import { bandsOf } from '#daemon/services/service-patterns.ts';
import { ServiceStates } from '#daemon/services/service-states.ts';
import { StateTeller } from '#daemon/services/state-teller.ts';
import type { PeerId } from '#policy/ids.ts';
import { RibView } from '#rib/view.ts';
import { type Dice, dice } from '#support/dice.ts';
import { ManualClock } from '#support/manual-clock.ts';
import { parsePrefixPattern } from '#text/prefix.ts';
import { prefix as prefixOf, route } from '../../policy/given.ts';
import { announcement, Lab } from '../../rib/given.ts';

/** The time that an audit takes by the clock of these tests, in ms. */
const auditMs = 0.01;

const web: ServiceConfig = {
  name: 'web',
  prefixes: [parsePrefixPattern('2001:db8:30::/64{128,128}')],
  home: [],
  minHealthy: 2,
  brakeShare: 0.5,
  medBands: {
    up: { min: 0, max: 499 },
    disabled: { min: 500, max: 999 },
    down: { min: 1000, max: Infinity },
  },
  source: { file: 'fp.yaml', line: 1 },
};

/** Counts the audits in the busiest turn of the event loop. */
class CountingClock extends ManualClock {
  longest = 0;
  private readonly audits: () => number;

  constructor(audits: () => number) {
    super();
    this.audits = audits;
  }

  override soon(fn: () => void): Cancel {
    return super.soon(() => {
      const before = this.audits();
      fn();
      this.longest = Math.max(this.longest, this.audits() - before);
    });
  }
}

/** A RIB of three nodes with the states of its addresses beside it. */
class Watched {
  readonly clock = new CountingClock(() => this.audits);
  readonly events: DaemonEvent[] = [];
  /** Returns the number of audits since the last call. */
  audits = 0;
  readonly lab: Lab;
  readonly view: RibView;
  readonly addresses: ServiceAddresses;
  readonly states: ServiceStates;
  private readonly real: AddressAudits;

  constructor(services: readonly ServiceConfig[] = [web]) {
    this.lab = new Lab({
      events: {
        bestChanged: (family, prefix) => {
          const address = this.addresses.see(family, prefix);
          if (address !== undefined) this.states.addressChanged(address, undefined);
        },
        pathChanged: (family, prefix) => {
          const address = this.addresses.known(family, prefix);
          if (address !== undefined) this.states.addressChanged(address, undefined);
        },
      },
    });
    const { lab, clock } = this;
    this.view = lab.view;
    const peerOf = (id: PeerId) => peers.get(id) as never;
    const peers = new Map(
      lab.nodes.map((id, at) => [id, { name: `W${at + 1}`, config: { node: `w${at + 1}` } }]),
    );
    this.real = new AddressAudits({ rib: this.view, clock, peerOf });
    this.addresses = new ServiceAddresses(this.view, clock, (address) =>
      this.states.addressChanged(address, undefined),
    );
    const audits = { of: (row: Parameters<AddressAudits['of']>[0]) => this.audit(row) };
    const events = { emit: (event: DaemonEvent) => void this.events.push(event) };
    const parts = { clock, rib: this.view, addresses: this.addresses, audits, events };
    this.states = new ServiceStates({ ...parts, teller: new StateTeller(parts) });
    lab.rib.setServices(bandsOf(services));
    this.addresses.configure(services);
  }

  /** Runs until no work is left. */
  settle(ms = 3000): void {
    this.lab.settle();
    this.clock.advance(ms);
  }

  /** Returns the lines of the log at `info` and above since the last call. */
  lines(): string[] {
    this.settle();
    return this.taken()
      .map(textOf)
      .filter(({ level }) => level !== 'debug')
      .map(({ level, text }) => `${level} ${text}`);
  }

  taken(): DaemonEvent[] {
    return this.events.splice(0);
  }

  private audit(row: Parameters<AddressAudits['of']>[0]) {
    this.audits++;
    this.clock.nowMs += auditMs;
    return this.real.of(row);
  }

  /** Returns the present state of an address. */
  stateNow(row: Parameters<AddressAudits['of']>[0]): string {
    return this.real.of(row).state;
  }
}

function addressNo(number: number): string {
  const words = [number >>> 16, number & 0xffff].filter((word, at) => at > 0 || word > 0);
  return `2001:db8:30::${words.map((word) => word.toString(16)).join(':')}/128`;
}

/** Two nodes announce this many addresses, and this has been reported. */
function withAddresses(count: number): Watched {
  const watched = new Watched();
  const { lab } = watched;
  for (const node of [1, 2]) {
    const nextHop = lab.rib.peer(lab.nodes[node - 1]).settings.address;
    for (let first = 1; first <= count; first += 100) {
      const numbers = Array.from(
        { length: Math.min(100, count + 1 - first) },
        (_, at) => first + at,
      );
      const routes = numbers.map((number) => ({ prefix: prefixOf(addressNo(number)) }));
      lab.receive(lab.nodes[node - 1], announcement(routes, route({ nextHop, med: 99 + node })));
    }
  }
  watched.settle();
  watched.states.begin();
  watched.settle();
  watched.taken();
  watched.audits = 0;
  return watched;
}

describe('the states of addresses', () => {
  it('are reported in a line for each service when all peers have been heard, and not before', () => {
    const watched = new Watched();
    for (const node of [1, 2]) watched.lab.announce(node, addressNo(1), 99 + node);
    watched.lab.announce(3, addressNo(2), 100);
    expect(watched.lines()).toEqual([]);
    watched.states.begin();
    expect(watched.lines()).toEqual([
      'warn service web: no_backup: 1 of 2 addresses: 2001:db8:30::2; 1 ok',
    ]);
    expect(watched.lines()).toEqual([]);
  });

  it('are reported as they change, worse ones as warnings', () => {
    const watched = withAddresses(1);
    watched.lab.withdraw(1, addressNo(1));
    expect(watched.lines()).toEqual([
      'warn service web: no_backup: 2001:db8:30::1 is served by w2 alone',
    ]);
    watched.lab.announce(2, addressNo(1), 1100);
    expect(watched.lines()).toEqual([
      'warn service web: only_down_paths: 2001:db8:30::1 is served by w2, whose MED says down; no node is up',
    ]);
    watched.lab.withdraw(2, addressNo(1));
    expect(watched.lines()).toEqual([
      'warn service web: absent: 2001:db8:30::1: no peer announces it',
    ]);
    watched.lab.announce(1, addressNo(1), 100);
    watched.lab.announce(2, addressNo(1), 101);
    expect(watched.lines()).toEqual([
      'info service web: ok: 2001:db8:30::1 is served by w1, backed up by w2',
    ]);
  });

  it('are not reported if they return to the former state first', () => {
    const watched = withAddresses(1);
    watched.lab.withdraw(1, addressNo(1));
    watched.lab.announce(1, addressNo(1), 100);
    expect(watched.lines()).toEqual([]);
  });

  it('of a new address are reported once it has had time to reach its state', () => {
    const watched = withAddresses(1);
    watched.lab.announce(1, addressNo(2), 100);
    watched.settle(500);
    watched.lab.announce(2, addressNo(2), 101);
    expect(watched.lines()).toEqual([]);
    watched.lab.announce(1, addressNo(3), 100);
    expect(watched.lines()).toEqual([
      'warn service web: no_backup: 2001:db8:30::3 is served by w1 alone',
    ]);
  });

  it('change with a drain, which changes no best path', () => {
    const watched = withAddresses(1);
    const [, w2] = watched.lab.nodes;
    watched.lab.rib.setDrained(w2, true);
    watched.states.lookAgain(undefined);
    expect(watched.lines()).toEqual([
      'warn service web: no_backup: 2001:db8:30::1 is served by w1 alone',
    ]);
  });

  it('of many addresses at once are one line with a count and examples, and rows beside it', () => {
    const watched = withAddresses(300);
    for (let number = 1; number <= 300; number++) watched.lab.withdraw(1, addressNo(number));
    watched.settle();
    const events = watched.events.filter(({ event }) => event === 'service_state');
    expect(events).toHaveLength(301);
    expect(watched.lines()).toEqual([
      'warn service web: no_backup: 300 addresses: 2001:db8:30::1, 2001:db8:30::2, 2001:db8:30::3 and 297 more',
    ]);
  });

  it('of the 201st and later addresses are audited and reported like those of any other', () => {
    const watched = withAddresses(250);
    expect(watched.addresses.withSeries()).toHaveLength(200);
    expect(watched.addresses.seriesDropped).toBe(50);
    expect(watched.addresses.of(web)).toHaveLength(250);
    for (const node of [1, 2]) watched.lab.withdraw(node, addressNo(250));
    expect(watched.lines()).toEqual([
      'warn service web: absent: 2001:db8:30::fa: no peer announces it',
    ]);
  });

  it('stay known when the services are configured again, including dark addresses', () => {
    const watched = withAddresses(2);
    for (const node of [1, 2]) watched.lab.withdraw(node, addressNo(2));
    watched.lines();
    const services = [{ ...web, minHealthy: 1 }];
    watched.lab.rib.setServices(bandsOf(services));
    watched.addresses.configure(services);
    watched.states.applyConfig({} as never, new Set(['services']));
    expect(watched.lines()).toEqual([]);
    expect([...watched.states.allUnwell()].map(({ text }) => text)).toEqual([addressNo(2)]);
  });

  it('of an address that is retired are no longer reported', () => {
    const watched = withAddresses(1);
    for (const node of [1, 2]) watched.lab.withdraw(node, addressNo(1));
    watched.lines();
    for (const row of watched.addresses.all()) row.unservedSinceMs = watched.clock.nowMs;
    watched.clock.advance(24 * 3_600_000);
    for (const row of watched.addresses.forgetRetired()) watched.states.forget(row);
    expect([...watched.states.allUnwell()]).toEqual([]);
    expect(watched.addresses.size).toBe(0);
  });

  it('of 100,000 addresses cost an audit only for each address with a change', () => {
    const watched = withAddresses(100_000);
    watched.lab.withdraw(1, addressNo(77_777));
    watched.settle();
    // One audit finds the change, and one reports it.
    expect(watched.audits).toBe(2);
    watched.audits = 0;
    watched.clock.longest = 0;
    watched.states.lookAgain(undefined);
    watched.settle();
    expect(watched.audits).toBe(100_000);
    // A slice is 3 ms.
    expect(watched.clock.longest).toBeLessThanOrEqual(3 / auditMs + 2);
  });

  it('equal what a fresh audit of each address finds, after any history', () => {
    let audited = 0;
    for (let seed = 1; seed <= 20; seed++) {
      const watched = new Watched();
      const chance = dice(seed);
      watched.states.begin();
      for (let step = 0; step < 60; step++) {
        act(watched, chance);
        if (chance.below(4) === 0) watched.settle(chance.below(2000));
      }
      watched.settle();
      const rows = [...watched.addresses.all()];
      audited += rows.length;
      for (const row of rows) {
        expect([seed, row.text, row.lastAudit?.state]).toEqual([
          seed,
          row.text,
          watched.stateNow(row),
        ]);
        expect([seed, row.text, row.reportedState]).toEqual([
          seed,
          row.text,
          watched.stateNow(row),
        ]);
      }
    }
    expect(audited).toBeGreaterThan(0);
  });
});

/** A random change to paths of a few addresses. */
function act({ lab, states }: Watched, { below }: Dice): void {
  const node = 1 + below(3);
  const text = addressNo(1 + below(6));
  const med = [100, 101, 600, 1100][below(4)];
  const what = below(8);
  if (what < 4) lab.announce(node, text, med);
  else if (what < 6) lab.withdraw(node, text);
  else if (what === 6) {
    lab.rib.setDrained(lab.nodes[node - 1], below(2) === 0);
    states.lookAgain(undefined);
  } else lab.settle();
}
