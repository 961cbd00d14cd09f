import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '#clock.ts';
import { Secret } from '#config/resolve/secret.ts';
import { openRtrConnection } from '#daemon/rpki/rtr-connection.ts';
import { Closer, hear, listenOn, loopback, until } from '../../net/support.ts';

const closer = new Closer();
afterEach(() => closer.close());

/** A listener in the place of a cache, and what the connection reports as text. */
async function given(cacheKey: string | undefined, ourKey: string | undefined) {
  const { listener, at, calls } = await listenOn(loopback(5), closer);
  if (cacheKey !== undefined) {
    const entry = { address: loopback(1), key: cacheKey, owner: 'test' };
    listener.setGuard({ keys: [entry], minTtls: [] });
  }
  const said: string[] = [];
  const endpoint = { ...at, host: '127.0.0.5', text: `127.0.0.5:${at.port}` };
  const password = ourKey === undefined ? {} : { password: new Secret(ourKey) };
  const connection = openRtrConnection(
    { name: 'c', preference: 1, endpoint, ...password },
    systemClock,
    {
      connected: () => said.push('connected'),
      received: (bytes) => said.push(`received ${Buffer.from(bytes).toString()}`),
      lost: (text) => said.push(`lost: ${text}`),
    },
  );
  closer.add(() => connection.close());
  return { connection, said, calls };
}

describe('a connection to a cache', () => {
  it.each([
    ['without a key', undefined],
    ['with the same TCP MD5 key on both ends', 'secret'],
  ])('is opened %s, and carries bytes both ways until the cache closes it', async (_, key) => {
    const { connection, said, calls } = await given(key, key);
    await until(() => said.length === 1 && calls.length === 1);
    const [{ socket }] = calls;
    const heard = hear(socket);
    connection.send(Buffer.from('query'));
    await until(() => heard.text === 'query');
    socket.write('answer');
    await until(() => said.length === 2);
    socket.end();
    await until(() => said.length === 3);
    expect(said).toEqual([
      'connected',
      'received answer',
      'lost: the cache has closed the connection',
    ]);
  });

  it('that is closed reports nothing more, and what was sent is still delivered', async () => {
    const { connection, said, calls } = await given(undefined, undefined);
    await until(() => said.length === 1 && calls.length === 1);
    let hasEnded = false;
    const heard = hear(calls[0].socket);
    calls[0].socket.on('end', () => (hasEnded = true));
    connection.send(Buffer.from('error report'));
    connection.close();
    await until(() => hasEnded);
    expect(heard.text).toBe('error report');
    expect(said).toEqual(['connected']);
  });

  it('that cannot be opened reports why', async () => {
    const { at } = await listenOn(loopback(6), closer);
    const said: string[] = [];
    const endpoint = { ...at, port: 1, host: '127.0.0.6', text: '127.0.0.6:1' };
    openRtrConnection({ name: 'c', preference: 1, endpoint }, systemClock, {
      connected: () => said.push('connected'),
      received: () => undefined,
      lost: (text) => said.push(text),
    });
    await until(() => said.length === 1);
    expect(said).toEqual(['connection refused: nothing is listening there']);
  });
});
