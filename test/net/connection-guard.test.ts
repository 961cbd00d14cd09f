import { afterEach, describe, expect, it } from 'vitest';
import { setFilter, setHopOptions } from '#net/socket-options.ts';
import {
  Closer,
  connectTo,
  dialUntilAnswer,
  hear,
  ipv6Loopback,
  listenOn,
  loopback,
  until,
} from './support.ts';

const closer = new Closer();
afterEach(() => closer.close());

const near = { address: loopback(2), minTtl: 255 };

/** How long an attempt waits that must not be answered; the kernel sends the SYN again after a second. */
const timeoutMs = 1500;

/** Connects; this fails only if there is no answer for a minute. */
async function isLetIn(port: number, from: number, ttl: number, to = loopback(1)): Promise<void> {
  await connectTo({ remote: { address: to, port }, source: loopback(from), ttl }, closer);
}

async function isShutOut(port: number, from: number, ttl: number, to = loopback(1)): Promise<void> {
  const options = { remote: { address: to, port }, source: loopback(from), ttl, timeoutMs };
  expect(await dialUntilAnswer(options, closer)).toMatchObject({ failure: { code: 'ETIMEDOUT' } });
}

describe('GTSM on the listener', () => {
  it('a SYN from too far away is not answered, that of a plain peer beside it is', async () => {
    const { listener, at, calls } = await listenOn(loopback(1), closer);
    listener.setGuard({ keys: [], minTtls: [near] });
    await isShutOut(at.port, 2, 254);
    await isLetIn(at.port, 3, 64);
    await isLetIn(at.port, 2, 255);
    await until(() => calls.length === 2);
  });

  it('bytes that come with the handshake are checked too: an OPEN from too far away is not read', async () => {
    const { listener, at, calls } = await listenOn(loopback(1), closer);
    listener.setGuard({ keys: [], minTtls: [near] });
    const far = await connectTo({ remote: at, source: loopback(2), ttl: 255 }, closer);
    await until(() => calls.length === 1);
    const { address } = near;
    const heard = hear(calls[0].socket);
    setHopOptions(far.fd, address, { ttl: 254 });
    far.socket.write('from afar');
    const plain = await connectTo({ remote: at, source: loopback(3), ttl: 64 }, closer);
    await until(() => calls.length === 2);
    const beside = hear(calls[1].socket);
    plain.socket.write('from anywhere');
    await until(() => beside.text === 'from anywhere');
    expect(heard.text).toBe('');
    setHopOptions(far.fd, address, { ttl: 255 });
    await until(() => heard.text === 'from afar');
  });

  it('is replaced and removed while the listener stays open', async () => {
    const { listener, at } = await listenOn(loopback(1), closer);
    listener.setGuard({ keys: [], minTtls: [near] });
    listener.setGuard({ keys: [], minTtls: [{ ...near, minTtl: 254 }] });
    await isLetIn(at.port, 2, 254);
    await isShutOut(at.port, 2, 253);
    listener.setGuard({ keys: [], minTtls: [] });
    await isLetIn(at.port, 2, 64);
    expect(() => setFilter(listener.fds[0], undefined)).not.toThrow();
  });

  it('reads the hop limit of IPv6', async () => {
    const { listener, at } = await listenOn(ipv6Loopback, closer);
    listener.setGuard({ keys: [], minTtls: [{ address: ipv6Loopback, minTtl: 255 }] });
    const afar = await dialUntilAnswer({ remote: at, ttl: 254, timeoutMs }, closer);
    expect(afar).toHaveProperty('failure');
    await connectTo({ remote: at, ttl: 255 }, closer);
  });
});

describe('an address that a reload adds', () => {
  const key = 'secret';
  const owner = 'test';

  it('has the keys that the same reload brings before it answers', async () => {
    const { listener, at } = await listenOn(loopback(1), closer);
    const before = { keys: [{ address: loopback(3), key, owner }], minTtls: [] };
    listener.setGuard(before);
    const more = { address: loopback(4), port: at.port, text: 'more' };
    const after = { keys: [{ address: loopback(2), key, owner }], minTtls: [near] };
    (await listener.change([{ ...at, text: 'same' }, more], after)).commit();
    for (const address of [at.address, more.address]) {
      await isShutOut(at.port, 2, 255, address);
      await isLetIn(at.port, 3, 64, address);
      const remote = { address, port: at.port };
      await connectTo({ remote, source: loopback(2), ttl: 255, md5Key: key }, closer);
    }
  });

  it('that is taken back leaves the old keys and minimum TTLs', async () => {
    const { listener, at } = await listenOn(loopback(1), closer);
    listener.setGuard({ keys: [{ address: loopback(3), key, owner }], minTtls: [near] });
    const more = { address: loopback(4), port: at.port, text: 'more' };
    (await listener.change([{ ...at, text: 'same' }, more], { keys: [], minTtls: [] })).rollback();
    await isShutOut(at.port, 3, 64);
    await isShutOut(at.port, 2, 254);
    await isLetIn(at.port, 2, 255);
  });
});
