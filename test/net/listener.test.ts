import { afterEach, describe, expect, it } from 'vitest';
import { everyAddress, type ListenAt, Listener, ListenError } from '#net/listener.ts';
import { freePort } from '#support/free-port.ts';
import { Closer, connectTo, ipv6Loopback, listenOn, loopback, until } from './support.ts';

const closer = new Closer();
afterEach(() => closer.close());

const deaf = { connected: () => undefined, acceptFailed: () => undefined };

async function failureOf(places: ListenAt[]): Promise<ListenError> {
  try {
    const listener = await Listener.open(places, deaf);
    closer.add(() => listener.close());
  } catch (error) {
    if (error instanceof ListenError) return error;
    throw error;
  }
  throw new Error('it listens');
}

describe('Listener', () => {
  it('on every address accepts IPv4 and IPv6 on one port, each with its own address', async () => {
    const { at, calls, listener } = await listenEverywhere();
    await connectTo({ remote: { address: loopback(5), port: at.port } }, closer);
    await connectTo({ remote: { address: ipv6Loopback, port: at.port } }, closer);
    await until(() => calls.length === 2);
    expect(calls.map((call) => call.address.length).toSorted()).toEqual([16, 4]);
    expect(listener.addresses.map(({ port }) => port)).toEqual([at.port, at.port]);
  });

  it('names the fix when the port is taken', async () => {
    const { at } = await listenOn(loopback(1), closer);
    const error = await failureOf([{ ...at, text: '127.0.0.1:179' }]);
    expect(error.code).toBe('EADDRINUSE');
    expect(error.message).toBe(
      `cannot listen on 127.0.0.1:179: port ${at.port} is already in use, perhaps by another ` +
        `BGP daemon; "ss -ltnp sport = :${at.port}" shows the process`,
    );
  });

  it('names the fix when the address is not ours', async () => {
    const address = Uint8Array.of(192, 0, 2, 1);
    const error = await failureOf([{ address, port: 0, text: '192.0.2.1:0' }]);
    expect(error.code).toBe('EADDRNOTAVAIL');
    expect(error.message).toContain('does not have this address');
  });

  it('names the fix when the port is privileged', () => {
    const at = { ...everyAddress(179)[0] };
    expect(new ListenError(at, 'EACCES', 'bind').message).toContain('CAP_NET_BIND_SERVICE');
  });

  it('opens all or nothing', async () => {
    const { at } = await listenOn(loopback(1), closer);
    const free = { address: loopback(2), port: at.port, text: 'free' };
    await failureOf([free, { ...at, text: 'taken' }]);
    const listener = await Listener.open([free], deaf);
    listener.close();
  });

  it('changes its addresses without a gap: the old ones are closed when the new ones are open', async () => {
    const { listener, at, calls } = await listenOn(loopback(1), closer);
    const everywhere = { address: loopback(0).fill(0), port: at.port, text: 'everywhere' };
    const change = await listener.change([everywhere]);
    change.commit();
    await connectTo({ remote: { address: loopback(7), port: at.port } }, closer);
    await until(() => calls.length === 1);
    expect(listener.addresses).toEqual([{ address: everywhere.address, port: at.port }]);
    (await listener.change([{ ...at, text: 'back' }])).commit();
    await connectTo({ remote: at }, closer);
    expect(await failureOf([{ ...at, text: 'another' }])).toMatchObject({ code: 'EADDRINUSE' });
  });

  it.each(['is taken back', 'fails'])(
    'a change that %s leaves everything as it was',
    async (how) => {
      const { listener, at, calls } = await listenOn(loopback(1), closer);
      const free = { address: loopback(2), port: at.port, text: 'free' };
      const foreign = { address: Uint8Array.of(192, 0, 2, 1), port: at.port, text: 'foreign' };
      if (how === 'fails')
        await expect(listener.change([free, foreign])).rejects.toThrow('foreign');
      else (await listener.change([free])).rollback();
      await connectTo({ remote: at }, closer);
      await until(() => calls.length === 1);
      expect(listener.addresses).toEqual([at]);
      expect(await failureOf([{ ...at, text: 'taken' }])).toMatchObject({ code: 'EADDRINUSE' });
      (await Listener.open([free], deaf)).close();
    },
  );

  it('does not touch an address that stays', async () => {
    const { listener, at, calls } = await listenOn(loopback(1), closer);
    const guard = { keys: [{ address: loopback(2), key: 'secret', owner: 'test' }], minTtls: [] };
    const more = { address: loopback(2), port: at.port, text: 'more' };
    (await listener.change([{ ...at, text: 'same' }, more], guard)).commit();
    for (const { address } of [at, more]) {
      const remote = { address, port: at.port };
      await connectTo({ remote, source: loopback(2), md5Key: 'secret' }, closer);
    }
    await until(() => calls.length === 2);
  });

  it('closed, its port is free at once while its connections go on', async () => {
    const { listener, at, calls } = await listenOn(loopback(1), closer);
    const { socket: far } = await connectTo({ remote: at }, closer);
    await until(() => calls.length === 1);
    listener.close();
    const again = await Listener.open([{ ...at, text: 'again' }], deaf);
    again.close();
    let heard = '';
    far.on('data', (chunk) => (heard += String(chunk)));
    calls[0].socket.write('still here');
    await until(() => heard === 'still here');
  });
});

async function listenEverywhere(): Promise<{
  at: { port: number };
  calls: { address: Uint8Array }[];
  listener: Listener;
}> {
  const calls: { address: Uint8Array }[] = [];
  const port = await freePort();
  const listener = await Listener.open(everyAddress(port), {
    connected: (stream) => {
      closer.add(() => stream.socket.destroy());
      calls.push(stream.remote);
    },
    acceptFailed: () => undefined,
  });
  closer.add(() => listener.close());
  return { at: { port }, calls, listener };
}
