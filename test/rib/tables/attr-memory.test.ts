import { expect, test } from 'vitest';
import { AttributeType } from '#wire/constants.ts';
import { sizesOf } from '../../fuzz/growth.ts';
import { prefix, route } from '../../policy/given.ts';
import { announcement, Lab } from '../given.ts';

const one = prefix('2001:db8:30::1/128');

/** Returns an attribute with extended length. */
function attribute(type: number, value: Uint8Array): Uint8Array {
  const head = Uint8Array.of(0xd0, type, value.length >> 8, value.length & 0xff);
  return Buffer.concat([head, value]);
}

/** Sends the prefix with the canonical block of attributes and these bytes after it. */
function send(it: Lab, behind: Uint8Array): void {
  const nextHop = it.rib.peer(it.nodes[0]).settings.address;
  const bytes = announcement([{ prefix: one }], route({ nextHop }), {
    maxLength: 65535,
    respell: (block) => Buffer.concat([block, behind]),
  });
  it.receive(it.nodes[0], bytes);
}

test('the error of a malformed set keeps a few bytes, however long the attribute is', () => {
  const it = new Lab();
  send(it, attribute(AttributeType.communities, new Uint8Array(40_001).fill(7)));
  const { errors } = held(it);
  expect(errors.malformed?.text).toMatch(/COMMUNITIES/);
  expect(errors.malformed?.data).toHaveLength(64);
  expect(Object.keys(errors).toSorted()).toEqual(['discarded', 'malformed']);
});

test('the errors of thousands of discarded attributes are only kept for a few of them', () => {
  const it = new Lab();
  const duplicate = attribute(AttributeType.communities, new Uint8Array(4));
  send(it, Buffer.concat(Array.from({ length: 5000 }, () => duplicate)));
  expect(held(it).errors.discarded).toHaveLength(16);
});

test('large unreferenced sets are freed because of their bytes, however few they are', () => {
  const it = new Lab();
  const value = new Uint8Array(60_000);
  for (let round = 0; round < 1500; round++) {
    new DataView(value.buffer).setUint32(0, round);
    send(it, attribute(99, value));
    it.settle();
  }
  expect(it.attrs.bytes).toBeLessThan(75 * 2 ** 20);
  expect(it.rib.families[1].tables.paths.size).toBe(1);
});

test('large unreferenced sets are freed because of their bytes, even if most sets are small and referenced', () => {
  const it = new Lab();
  const nextHop = it.rib.peer(it.nodes[0]).settings.address;
  const routes = Array.from({ length: 10_000 }, (_, at) => {
    const low = `${Math.floor(at / 250)}:${at % 250}`;
    return [prefix(`2001:db8:40::${low}/128`), at] as const;
  });
  for (const [own, med] of routes) {
    it.receive(
      it.nodes[0],
      announcement([{ prefix: own }], route({ nextHop, med }), { maxLength: 4096 }),
    );
  }
  const value = new Uint8Array(60_000);
  for (let round = 0; round < 1500; round++) {
    new DataView(value.buffer).setUint32(0, round);
    send(it, attribute(99, value));
    it.settle();
  }
  expect(it.attrs.bytes).toBeLessThan(75 * 2 ** 20);
  expect(it.attrs.size).toBeGreaterThan(10_000);
});

test('unreferenced sets are freed even if nothing is ever sent because of them', () => {
  const it = new Lab();
  for (let round = 0; round < 40_000; round++) {
    // Communities cannot have three octets: each set is malformed, and its route remains refused.
    const value = Uint8Array.of(round >> 16, (round >> 8) & 0xff, round & 0xff);
    send(it, attribute(AttributeType.communities, value));
    while (it.rib.hasWork) it.rib.work(1000);
  }
  expect(it.attrs.size).toBeLessThan(1 << 15);
});

test('the errors of any number of malformed sets are read from their bytes again, and none is kept', () => {
  const it = new Lab();
  const sets = 300;
  for (let set = 0; set < sets; set++) {
    send(it, attribute(AttributeType.communities, new Uint8Array(4 * set + 1)));
  }
  const sizes = sizesOf(it.attrs);
  const kept = [...sizes].filter(([place]) => !/heap/.test(place));
  for (const [place, size] of kept) expect(size, place).toBeLessThan(sets);
  const texts = new Set<string | undefined>();
  for (let id = 1; id < it.attrs.limit; id++) {
    texts.add(it.attrs.errorsOf(id as never)?.malformed?.text);
    expect(it.attrs.malformed(id as never)).toBe('communities');
  }
  expect(texts.size).toBe(sets);
});

/** Returns the errors of the only set that has any. */
function held(it: Lab) {
  for (let id = 1; id < it.attrs.limit; id++) {
    const errors = it.attrs.errorsOf(id as never);
    if (errors !== undefined) return { errors };
  }
  throw new Error('no set has errors');
}
