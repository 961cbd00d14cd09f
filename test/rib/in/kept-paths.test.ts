import { describe, expect, test } from 'vitest';
import { Family } from '#wire/constants.ts';
import { exportOf, importOf, policyOf, prefix, route, rule } from '../../policy/given.ts';
import { announcement, inOne, Lab, withdrawal } from '../given.ts';

const service = '2001:db8:30::1/128';
const other = '2001:db8:30::2/128';
const elsewhere = '2001:db8:31::1/128';
const highest = 4_294_967_295;
const kept = [`${service} 11/${highest}`];
const { ipv6Unicast } = Family;
const gracefulShutdown = 0xffff0000;
const llgrStale = 0xffff0006;

/** Returns `prefix node/med` for everything that the first router holds. */
function held(lab: Lab): string[] {
  lab.settle();
  return [...lab.routerOf(lab.clients[0]).routes]
    .map(([text, it]) => `${text} ${it.nextHop.at(-1)?.toString(16)}/${it.med}`)
    .sort();
}

function services(keepMs?: number) {
  return {
    serviceOf: ({ word1 }: { word1: number }) => (word1 >>> 16 === 0x0030 ? 1 : 0),
    bands: [{ up: { min: 0, max: 499 }, disabled: { min: 500, max: 999 }, keepMs }],
  };
}

/** Returns a lab that keeps the last path of an address for 1000 ms; `told` collects what is reported as kept. */
function newLab(): Lab & { readonly told: string[] } {
  const told: string[] = [];
  const events: ConstructorParameters<typeof Lab>[0] = {
    events: {
      pathKept: (peer, family, id, _, untilMs) => {
        const { name } = lab.rib.peer(peer).settings;
        told.push(`${name} ${family} ${id} ${untilMs}`);
      },
    },
  };
  const lab = Object.assign(new Lab(events), { told });
  lab.rib.setServices(services(1000));
  return lab;
}

/** Returns a lab where node 1 has announced the address and withdrawn it. */
function withdrawn(med = 100, communities: readonly number[] = []): ReturnType<typeof newLab> {
  const lab = newLab();
  lab.announce(1, service, med, { communities });
  lab.settle();
  lab.withdraw(1, service);
  return lab;
}

function counts(lab: Lab): { received: number; accepted: number } {
  const { received, accepted } = lab.rib.peer(lab.nodes[0]).counts[ipv6Unicast];
  return { received, accepted };
}

describe('the last path of an address, withdrawn by its node', () => {
  test('stays with the highest MED until its time is over', () => {
    const lab = withdrawn();
    expect(held(lab)).toEqual(kept);
    expect(lab.told).toEqual(['W1 1 1 1000']);
    expect(lab.rib.nextKeptEndMs).toBe(1000);
    lab.rib.endDueKept(999);
    expect(held(lab)).toEqual(kept);
    lab.rib.endDueKept(1000);
    expect(held(lab)).toEqual([]);
    expect([lab.rib.nextKeptEndMs, lab.view.heldPaths]).toEqual([undefined, 0]);
  });

  test('stays if another node withdrew, or was lost, just before', () => {
    const lab = newLab();
    for (const node of [1, 2, 3]) lab.announce(node, service, 99 + node);
    lab.settle();
    lab.withdraw(3, service);
    lab.rib.peerDown(lab.nodes[1]);
    lab.withdraw(1, service);
    expect(held(lab)).toEqual(kept);
  });

  test('is not kept longer if it is withdrawn again', () => {
    const lab = withdrawn();
    lab.receive(lab.nodes[0], withdrawal([{ prefix: prefix(service) }]), 500);
    expect([lab.rib.nextKeptEndMs, lab.told.length]).toEqual([1000, 1]);
  });

  test('still counts when its node has announced everything again and stale paths have been removed', () => {
    const lab = withdrawn();
    lab.announce(1, other, 100);
    lab.rib.markStale(lab.nodes[0], ipv6Unicast);
    lab.rib.endStale(lab.nodes[0], ipv6Unicast);
    expect(counts(lab)).toEqual({ received: 1, accepted: 1 });
    expect(held(lab)).toEqual(kept);
  });

  test.each<readonly [string, (lab: Lab) => void]>([
    ['its peer is lost', (lab) => lab.rib.peerDown(lab.nodes[0])],
    ['its peer is lost to a restart', (lab) => lab.rib.peerDown(lab.nodes[0], [true, true])],
    ['its peer is drained', (lab) => lab.rib.setDrained(lab.nodes[0], true)],
    ['its peer does not answer', (lab) => lab.rib.setAnswering(lab.nodes[0], 1, false)],
    ['its removal is requested', (lab) => lab.rib.endKept(lab.nodes[0])],
    ['its service no longer keeps paths', (lab) => lab.rib.setServices(services())],
    ['there are no longer any services', (lab) => lab.rib.setServices(undefined)],
    [
      'policy refuses it',
      (lab) => {
        const imported = importOf({ peerName: 'W1', policy: policyOf(rule('reject')) });
        lab.rib.replaceSettings(lab.nodes[0], lab.settings(imported));
      },
    ],
  ])('is removed when %s', (_, happens) => {
    const lab = withdrawn();
    happens(lab);
    expect(held(lab)).toEqual([]);
    expect([lab.rib.nextKeptEndMs, lab.view.heldPaths]).toEqual([undefined, 0]);
    expect(counts(lab)).toEqual({ received: 0, accepted: 0 });
  });

  test.each<readonly [string, (lab: Lab) => void]>([
    ['another peer does not answer', (lab) => lab.rib.setAnswering(lab.nodes[1], 1, false)],
    ['its peer does not answer for another', (lab) => lab.rib.setAnswering(lab.nodes[0], 2, false)],
    ['another peer is drained', (lab) => lab.rib.setDrained(lab.nodes[1], true)],
    [
      'its peer sends all its routes again',
      (lab) => {
        lab.announce(1, other, 100);
        lab.rib.markStale(lab.nodes[0], ipv6Unicast);
        lab.rib.endStale(lab.nodes[0], ipv6Unicast);
      },
    ],
    [
      'policy still accepts it',
      (lab) => {
        const imported = importOf({ peerName: 'W1', policy: policyOf(rule('accept')) });
        const settings = lab.settings(imported);
        const { address } = lab.rib.peer(lab.nodes[0]).settings;
        lab.rib.replaceSettings(lab.nodes[0], { ...settings, address });
      },
    ],
  ])('stays when %s', (_, happens) => {
    const lab = withdrawn();
    happens(lab);
    expect(held(lab)).toEqual(kept);
  });

  test('is an ordinary path again when it is announced, with any attributes', () => {
    const lab = withdrawn();
    lab.announce(1, service, 100);
    expect(held(lab)).toEqual([`${service} 11/100`]);
    expect([lab.rib.nextKeptEndMs, counts(lab)]).toEqual([undefined, { received: 1, accepted: 1 }]);
  });

  test('is replaced by any other path, even that of a node that is down', () => {
    const lab = withdrawn();
    lab.announce(2, service, highest, { localPref: 1 });
    expect(held(lab)).toEqual([`${service} 12/${highest}`]);
    expect(lab.view.heldPaths).toBe(1);
    lab.withdraw(2, service);
    expect(held(lab)).toEqual([`${service} 12/${highest}`]);
  });

  test('is not reported if the same UPDATE announces it', () => {
    const lab = newLab();
    lab.announce(1, '10.1.0.0/24', 100);
    lab.rib.setServices({ ...services(1000), serviceOf: () => 1 });
    const nlri = [{ prefix: prefix('10.1.0.0/24') }];
    const nextHop = lab.rib.peer(lab.nodes[0]).settings.address;
    const attributes = route({ nextHop, med: 7 });
    lab.receive(lab.nodes[0], inOne(withdrawal(nlri), announcement(nlri, attributes)));
    expect(held(lab)).toEqual(['10.1.0.0/24 11/7']);
    expect(lab.told).toEqual([]);
  });
});

describe('a withdrawn path is removed at once', () => {
  test.each<readonly [string, () => Lab]>([
    ['that was disabled', () => withdrawn(500)],
    ['that its node had drained', () => withdrawn(100, [gracefulShutdown])],
    ['that was long-lived stale', () => withdrawn(100, [llgrStale])],
    [
      'of a drained node that is down',
      () => {
        const lab = newLab();
        lab.announce(1, service, 1000);
        lab.rib.setDrained(lab.nodes[0], true);
        lab.withdraw(1, service);
        return lab;
      },
    ],
    [
      'of a node that does not answer',
      () => {
        const lab = newLab();
        lab.announce(1, service, 100);
        lab.rib.setAnswering(lab.nodes[0], 1, false);
        lab.withdraw(1, service);
        return lab;
      },
    ],
    [
      'of no service',
      () => {
        const lab = newLab();
        lab.announce(1, elsewhere, 100);
        lab.withdraw(1, elsewhere);
        return lab;
      },
    ],
    [
      'of a service that does not keep it',
      () => {
        const lab = newLab();
        lab.rib.setServices(services());
        lab.announce(1, service, 100);
        lab.withdraw(1, service);
        return lab;
      },
    ],
  ])('%s', (_, given) => {
    const lab = given();
    expect(held(lab)).toEqual([]);
    expect(lab.view.heldPaths).toBe(0);
  });

  test('if another one is accepted', () => {
    const lab = newLab();
    lab.announce(1, service, 100);
    lab.announce(2, service, 1000);
    lab.withdraw(1, service);
    expect(held(lab)).toEqual([`${service} 12/1000`]);
  });
});

describe('a limit that needs the space of a kept path', () => {
  const imported = importOf({ peerName: 'W1' });
  const limited = (which: 'acceptedLimit' | 'receivedLimit', action: 'block' | 'restart'): Lab => {
    const lab = newLab();
    const given = { [which]: [undefined, { limit: 1, action }] };
    const { address } = lab.rib.peer(lab.nodes[0]).settings;
    const settings = { ...lab.settings(imported, undefined, given), address };
    lab.rib.replaceSettings(lab.nodes[0], settings);
    lab.announce(1, service, 100);
    return lab;
  };

  test.each(
    (['acceptedLimit', 'receivedLimit'] as const).flatMap((which) =>
      (['block', 'restart'] as const).map((action) => [which, action] as const),
    ),
  )('removes that path: %s, %s', (which, action) => {
    const lab = limited(which, action);
    lab.withdraw(1, service);
    expect(held(lab)).toEqual(kept);
    expect(lab.announce(1, other, 100)).toBeUndefined();
    expect(held(lab)).toEqual([`${other} 11/100`]);
    expect(lab.rib.peer(lab.nodes[0]).counts[ipv6Unicast].blocked).toBe(0);
  });

  test('accepts the route that it had blocked', () => {
    const lab = limited('acceptedLimit', 'block');
    lab.announce(1, other, 100);
    lab.withdraw(1, service);
    expect(held(lab)).toEqual([`${other} 11/100`]);
  });
});

test('a client whose policy adds to the MED is still sent the highest one', () => {
  const lab = newLab();
  const policy = policyOf(rule('accept', {}, { med: { kind: 'add', value: 10 } }));
  const [client] = lab.clients;
  const { address } = lab.rib.peer(client).settings;
  const settings = lab.settings(
    importOf({ peerName: 'ER2', policy: 'none' }),
    exportOf({ policy }),
  );
  lab.rib.replaceSettings(client, { ...settings, address });
  lab.announce(1, service, 100);
  expect(held(lab)).toEqual([`${service} 11/110`]);
  lab.withdraw(1, service);
  expect(held(lab)).toEqual(kept);
});
