import { afterEach, describe, expect, it } from 'vitest';
import { type Md5Entry, Md5KeyError } from '#net/md5-keys.ts';
import { setHopOptions, setMd5Key } from '#net/socket-options.ts';
import { ManualClock } from '#support/manual-clock.ts';
import {
  Closer,
  connectTo,
  dialUntilAnswer,
  hear,
  ipv6Loopback,
  listenOn,
  loopback,
  netstat,
  until,
} from './support.ts';

const closer = new Closer();
afterEach(() => closer.close());

const families = [
  { family: 'IPv4', address: loopback(1), other: loopback(2) },
  { family: 'IPv6', address: ipv6Loopback, other: ipv6Loopback },
];

describe.each(families)('TCP MD5 over $family', ({ address, other }) => {
  it('connects if both ends have the key, and reports the peer', async () => {
    const { listener, at, calls } = await listenOn(address, closer);
    listener.setGuard({ keys: [keyOf(other, 'secret')], minTtls: [] });
    const { local } = await connectTo({ remote: at, source: other, md5Key: 'secret' }, closer);
    await until(() => calls.length === 1);
    expect(calls[0].remote).toEqual({ address: other, port: local.port });
    expect(calls[0].local).toEqual(at);
  });

  it.each([
    { name: 'another key', listenerKey: 'secret', dialerKey: 'other', counter: 'TCPMD5Failure' },
    { name: 'no key here', listenerKey: 'secret', dialerKey: undefined, counter: 'TCPMD5NotFound' },
    { name: 'no key there', listenerKey: undefined, dialerKey: 'x', counter: 'TCPMD5Unexpected' },
  ])('$name: the call is dropped in silence, and a timeout says so', async (row) => {
    const { listener, at, calls } = await listenOn(address, closer);
    listener.setGuard({
      keys: row.listenerKey === undefined ? [] : [keyOf(other, row.listenerKey)],
      minTtls: [],
    });
    const clock = new ManualClock({ soon: 'real' });
    const before = netstat(row.counter);
    const md5 = row.dialerKey === undefined ? {} : { md5Key: row.dialerKey };
    const answer = dialUntilAnswer({ remote: at, source: other, ...md5 }, closer, clock);
    await until(() => netstat(row.counter) > before);
    clock.advance(10_000);
    const mismatch =
      row.dialerKey === undefined
        ? ' (the peer is down, filtered, or requires an MD5 key)'
        : ' (possible MD5 mismatch';
    expect(await answer).toEqual({
      failure: {
        code: 'ETIMEDOUT',
        text: expect.stringContaining(`no answer to the connection attempt${mismatch}`),
      },
    });
    expect(calls).toEqual([]);
  });

  it('keys are replaced and removed on a live listener; a connection that stands keeps its own', async () => {
    const { listener, at, calls } = await listenOn(address, closer);
    listener.setGuard({ keys: [keyOf(other, 'first')], minTtls: [] });
    const first = await connectTo({ remote: at, source: other, md5Key: 'first' }, closer);
    listener.setGuard({ keys: [keyOf(other, 'second')], minTtls: [] });
    await connectTo({ remote: at, source: other, md5Key: 'second' }, closer);
    listener.setGuard({ keys: [], minTtls: [] });
    listener.setGuard({ keys: [], minTtls: [] });
    await connectTo({ remote: at, source: other }, closer);
    await until(() => calls.length === 3);
    const heard = hear(calls[0].socket);
    first.socket.write('still here');
    await until(() => heard.text === 'still here');
  });

  it('one key serves a whole prefix', async () => {
    const { listener, at, calls } = await listenOn(address, closer);
    const network = other.map((byte, i) => (i === other.length - 1 ? 0 : byte));
    listener.setGuard({
      keys: [{ ...keyOf(network, 'range'), lengthBits: other.length * 8 - 8 }],
      minTtls: [],
    });
    await connectTo({ remote: at, source: other, md5Key: 'range' }, closer);
    await until(() => calls.length === 1);
  });
});

describe('TCP MD5', () => {
  it.each(['', 'k'.repeat(81)])('a key of no or more than 80 bytes is refused', async (key) => {
    const { listener } = await listenOn(loopback(1), closer);
    expect(() => listener.setGuard({ keys: [keyOf(loopback(2), key)], minTtls: [] })).toThrow(
      Md5KeyError,
    );
  });

  it('keys change all or none', async () => {
    const { listener, at } = await listenOn(loopback(1), closer);
    listener.setGuard({ keys: [keyOf(loopback(2), 'old')], minTtls: [] });
    const wanted = [keyOf(loopback(2), 'new'), keyOf(loopback(3), 'x'.repeat(81))];
    expect(() => listener.setGuard({ keys: wanted, minTtls: [] })).toThrow(
      'cannot set the TCP MD5 key of test',
    );
    await connectTo({ remote: at, source: loopback(2), md5Key: 'old' }, closer);
    await connectTo({ remote: at, source: loopback(3) }, closer);
  });

  it('a key of 80 bytes works', async () => {
    const { listener, at } = await listenOn(loopback(1), closer);
    const key = 'k'.repeat(80);
    listener.setGuard({ keys: [keyOf(loopback(3), key)], minTtls: [] });
    await connectTo({ remote: at, source: loopback(3), md5Key: key }, closer);
  });

  it('an error never carries the key', () => {
    let text = '';
    try {
      setMd5Key(-1, { address: loopback(2) }, 'secret');
    } catch (error) {
      text = `${error} ${JSON.stringify(error)}`;
    }
    expect(text).toContain('EBADF');
    expect(text).not.toContain('secret');
  });
});

describe.each(families)('GTSM and TTL over $family', ({ address }) => {
  it('an accepted connection drops what comes with a lower TTL', async () => {
    const { at, calls } = await listenOn(address, closer);
    const far = await connectTo({ remote: at, ttl: 254 }, closer);
    await until(() => calls.length === 1);
    setHopOptions(calls[0].fd, address, { ttl: 255, minTtl: 255 });
    const heard = hear(calls[0].socket);
    const before = netstat('TCPMinTTLDrop');
    far.socket.write('from afar');
    await until(() => netstat('TCPMinTTLDrop') > before);
    expect(heard.text).toBe('');
    setHopOptions(calls[0].fd, address, { ttl: 255, minTtl: 254 });
    await until(() => heard.text === 'from afar');
  });

  it('a listener answers with TTL 255, so that a peer with GTSM receives it', async () => {
    const { at, calls } = await listenOn(address, closer);
    await connectTo({ remote: at, ttl: 255, minTtl: 255 }, closer);
    await until(() => calls.length === 1);
  });

  it('the TTL set on an accepted connection is the one sent', async () => {
    const { at, calls } = await listenOn(address, closer);
    const far = await connectTo({ remote: at, ttl: 255, minTtl: 10 }, closer);
    await until(() => calls.length === 1);
    const heard = hear(far.socket);
    setHopOptions(calls[0].fd, address, { ttl: 9 });
    const before = netstat('TCPMinTTLDrop');
    calls[0].socket.write('hello');
    await until(() => netstat('TCPMinTTLDrop') > before);
    expect(heard.text).toBe('');
    setHopOptions(calls[0].fd, address, { ttl: 10 });
    await until(() => heard.text === 'hello');
  });
});

describe('dialling', () => {
  it('connects from the requested source', async () => {
    const { at, calls } = await listenOn(loopback(9), closer);
    const near = await connectTo({ remote: at, source: loopback(77) }, closer);
    await until(() => calls.length === 1);
    expect(near.local.address).toEqual(loopback(77));
    expect(calls[0].remote.address).toEqual(loopback(77));
  });

  it('through one interface', async () => {
    const { at, calls } = await listenOn(loopback(1), closer);
    await connectTo({ remote: at, interface: 'lo' }, closer);
    await until(() => calls.length === 1);
  });

  it.each([
    {
      name: 'a closed port',
      options: {},
      code: 'ECONNREFUSED',
      text: 'nothing is listening there',
    },
    {
      name: 'a source that is not ours',
      options: { source: Uint8Array.of(192, 0, 2, 1) },
      code: 'EADDRNOTAVAIL',
      text: 'bind',
    },
    {
      name: 'no such zone',
      options: {
        remote: {
          address: Uint8Array.from([0xfe, 0x80, ...ipv6Loopback.subarray(2)]),
          port: 179,
          zone: 'nope0',
        },
      },
      code: 'ENODEV',
      text: 'interface nope0',
    },
    {
      name: 'no such interface',
      options: { interface: 'nope0' },
      code: 'ENODEV',
      text: 'SO_BINDTODEVICE nope0',
    },
    { name: 'TTL 0', options: { ttl: 0 }, code: 'EINVAL', text: 'IP_TTL' },
  ])('$name is told as $code', async ({ options, code, text }) => {
    const { listener, at } = await listenOn(loopback(1), closer);
    listener.close();
    expect(await dialUntilAnswer({ remote: at, ...options }, closer)).toEqual({
      failure: { code, text: expect.stringContaining(text) },
    });
  });

  it('calls back no more after it was cancelled', async () => {
    const { at, calls } = await listenOn(loopback(1), closer);
    const clock = new ManualClock({ soon: 'real' });
    let answers = 0;
    void dialUntilAnswer({ remote: at, timeoutMs: 10 }, closer, clock).then(() => answers++);
    closer.close();
    clock.advance(100);
    const { at: again, calls: laterCalls } = await listenOn(loopback(1), closer);
    await connectTo({ remote: again }, closer);
    await until(() => laterCalls.length === 1);
    expect(answers).toBe(0);
    expect(clock.pendingTimers).toBe(0);
    expect(calls).toEqual([]);
  });
});

function keyOf(address: Uint8Array, key: string): Md5Entry {
  return { address, key, owner: 'test' };
}
