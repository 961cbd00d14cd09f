import { describe, expect, test } from 'vitest';
import { type GatePeer, StartGate } from '#daemon/start-gate.ts';
import { ManualClock } from '#support/manual-clock.ts';
import type { Family } from '#wire/constants.ts';
import type { Update } from '#wire/update.ts';

const config = { maxDelayMs: 10_000, eorGraceMs: 1000 };

interface Given extends Partial<GatePeer> {
  readonly name: string;
}

function gateOf(...given: readonly Given[]) {
  const clock = new ManualClock();
  const opened: string[][] = [];
  const peers = given.map((peer): GatePeer => {
    return { isAwaited: true, isClient: false, negotiatedFamilies: [false, true], ...peer };
  });
  const gate = new StartGate(
    config,
    clock,
    () => peers,
    () => [],
    (unheard) => opened.push([...unheard]),
  );
  gate.start();
  return { clock, gate, opened };
}

const nowhere = { family: 1 as Family, start: 0, end: 0, addPath: false };

function update(given: { route?: boolean; endOfRib?: Family }): Update {
  const nothing = new Uint8Array(0);
  return {
    bytes: nothing,
    withdrawn: nowhere,
    mpUnreach: nowhere,
    mpReach: given.route === true ? { ...nowhere, end: 17 } : nowhere,
    nlri: nowhere,
    nextHopStart: 0,
    nextHopEnd: 0,
    attributeBytes: nothing,
    attributesStart: 0,
    attributesEnd: 0,
    endOfRib: given.endOfRib,
    disabled: undefined,
  };
}

describe('the start gate', () => {
  test('is open at once when there is no peer to wait for', () => {
    expect(gateOf({ name: 'ER2', isAwaited: false }).opened).toEqual([[]]);
  });

  test('opens as soon as every source has sent a route and End-of-RIB, in either order', () => {
    const { gate, opened } = gateOf({ name: 'W1' }, { name: 'W2' });
    gate.peerUp('W1');
    gate.peerUp('W2');
    gate.update('W1', update({ route: true }));
    gate.update('W1', update({ endOfRib: 1 }));
    gate.update('W2', update({ endOfRib: 1 }));
    expect(opened).toEqual([]);
    gate.update('W2', update({ route: true }));
    expect(opened).toEqual([[]]);
  });

  test('waits for eor_grace after an early End-of-RIB without routes', () => {
    const { clock, gate, opened } = gateOf({ name: 'W1' });
    gate.peerUp('W1');
    gate.update('W1', update({ endOfRib: 1 }));
    clock.advance(900);
    expect(opened).toEqual([]);
    clock.advance(200);
    expect(opened).toEqual([[]]);
  });

  test('needs End-of-RIB for every family of the session', () => {
    const { clock, gate, opened } = gateOf({ name: 'W1', negotiatedFamilies: [true, true] });
    gate.peerUp('W1');
    gate.update('W1', update({ route: true, endOfRib: 1 }));
    clock.advance(5000);
    expect(opened).toEqual([]);
    gate.update('W1', update({ endOfRib: 0 }));
    expect(opened).toEqual([[]]);
  });

  test('opens after max_delay and names the peers that were not heard', () => {
    const { clock, gate, opened } = gateOf({ name: 'W1' }, { name: 'W2' });
    gate.peerUp('W1');
    gate.update('W1', update({ route: true, endOfRib: 1 }));
    clock.advance(9900);
    expect(opened).toEqual([]);
    clock.advance(200);
    expect(opened).toEqual([['W2']]);
    expect(gate.isOpen).toBe(true);
  });

  test('waits again for a peer whose session was lost', () => {
    const { gate, opened } = gateOf({ name: 'W1' }, { name: 'W2' });
    gate.peerUp('W1');
    gate.update('W1', update({ route: true, endOfRib: 1 }));
    gate.peerDown('W1');
    gate.peerUp('W2');
    gate.update('W2', update({ route: true, endOfRib: 1 }));
    expect(opened).toEqual([]);
    expect(gate.unheard).toEqual(['W1']);
  });

  test('does not wait for a silent route server that may be waiting for us', () => {
    const { clock, gate, opened } = gateOf({ name: 'RS4', isClient: true });
    gate.peerUp('RS4');
    clock.advance(1200);
    expect(opened).toEqual([[]]);
  });

  test('does not wait for one that has restarted itself, once it is up (RFC 4724 §4.1)', () => {
    const { gate, opened } = gateOf({ name: 'RS4', isClient: true }, { name: 'W1' });
    gate.peerUp('RS4', true);
    expect(gate.unheard).toEqual(['W1']);
    gate.peerUp('W1');
    gate.update('W1', update({ route: true, endOfRib: 1 }));
    expect(opened).toEqual([[]]);
  });

  test('waits for it again when its next OPEN no longer announces a restart', () => {
    const { gate, opened } = gateOf({ name: 'RS4' }, { name: 'W1' });
    gate.peerUp('RS4', true);
    gate.peerDown('RS4');
    gate.peerUp('RS4', false);
    gate.peerUp('W1');
    gate.update('W1', update({ route: true, endOfRib: 1 }));
    expect([opened, gate.unheard]).toEqual([[], ['RS4']]);
  });

  test('never closes again', () => {
    const { clock, gate, opened } = gateOf({ name: 'W1' });
    gate.peerUp('W1');
    gate.update('W1', update({ route: true, endOfRib: 1 }));
    gate.peerDown('W1');
    clock.advance(60_000);
    expect([gate.isOpen, opened.length]).toEqual([true, 1]);
  });
});
