import { afterEach, describe, expect, it } from 'vitest';
import type { ListenAt } from '../../src/net/listener.ts';
import { everyAddress, ListenError, Listener } from '../../src/net/listener.ts';
import { Closer, connectTo, ipv6Loopback, listenOn, loopback, until } from './support.ts';

const closer = new Closer();
afterEach(() => closer.close());

const deaf = { called: () => undefined, acceptFailed: () => undefined };

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
  it('on every address hears IPv4 and IPv6 on one port, each by its own name', async () => {
    const { at, calls, listener } = await listenEverywhere();
    await connectTo({ remote: { address: loopback(5), port: at.port } }, closer);
    await connectTo({ remote: { address: ipv6Loopback, port: at.port } }, closer);
    await until(() => calls.length === 2);
    expect(calls.map((call) => call.address.length).toSorted()).toEqual([16, 4]);
    expect(listener.addresses.map(({ port }) => port)).toEqual([at.port, at.port]);
  });

  it('names the mend when the port is taken', async () => {
    const { at } = await listenOn(loopback(1), closer);
    const error = await failureOf([{ ...at, text: '127.0.0.1:179' }]);
    expect(error.code).toBe('EADDRINUSE');
    expect(error.message).toBe(
      `cannot listen on 127.0.0.1:179: port ${at.port} is taken; ` +
        `"ss -ltnp sport = :${at.port}" shows by whom (another BGP daemon?)`,
    );
  });

  it('names the mend when the address is not ours', async () => {
    const address = Uint8Array.of(192, 0, 2, 1);
    const error = await failureOf([{ address, port: 0, text: '192.0.2.1:0' }]);
    expect(error.code).toBe('EADDRNOTAVAIL');
    expect(error.message).toContain('no such address');
  });

  it('names the mend when the port is privileged', () => {
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
  const { at } = await listenOn(loopback(250), closer);
  const listener = await Listener.open(everyAddress(at.port + 1), {
    called: (stream) => {
      closer.add(() => stream.socket.destroy());
      calls.push(stream.remote);
    },
    acceptFailed: () => undefined,
  });
  closer.add(() => listener.close());
  return { at: { port: at.port + 1 }, calls, listener };
}
