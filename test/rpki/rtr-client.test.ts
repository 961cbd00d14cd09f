import { describe, expect, it, test } from 'vitest';
import { RtrError, RtrErrorCode, type RtrVersion } from '#rpki/pdu.ts';
import { RtrClient } from '#rpki/rtr-client.ts';
import type { EndOfData } from '#rpki/rtr-session.ts';
import { CachePdus, joined } from '#support/rtr-pdus.ts';

const minute = 60_000;
const cache = new CachePdus();

/** A client, and what it asked for in words: `connect 0`, `send 0 reset`. */
class Given {
  nowMs = 0;
  readonly said: string[] = [];
  readonly loads: EndOfData[] = [];
  readonly client: RtrClient;

  constructor(caches = 2, version: RtrVersion = 1, expiresAtMs?: number) {
    this.client = new RtrClient(
      {
        caches,
        version,
        refreshMs: 60 * minute,
        retryMs: 10 * minute,
        expireMs: 120 * minute,
        ...(expiresAtMs !== undefined && { expiresAtMs }),
      },
      {
        connect: (index) => this.said.push(`connect ${index}`),
        disconnect: (index) => this.said.push(`disconnect ${index}`),
        send: (index, bytes) => this.said.push(`send ${index} ${queryText(bytes)}`),
        load: (index, data) => {
          this.loads.push(data);
          this.said.push(`load ${index} ${data.isWhole ? 'whole' : 'changes'}`);
        },
        expire: () => this.said.push('expire'),
        changed: () => undefined,
      },
    );
    this.client.tick(0);
  }

  /** What was asked for since the last time. */
  take(): string[] {
    return this.said.splice(0);
  }

  says(index: number, ...pdus: readonly Uint8Array[]): void {
    this.client.received(index, joined(...pdus), this.nowMs);
  }

  /** Time passes, and the client is called whenever it wants to be. */
  wait(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (let calls = 0; this.client.nextMs <= untilMs; calls++) {
      if (calls > 1000) throw new RangeError('the client wants to be called without end');
      this.nowMs = Math.max(this.nowMs, this.client.nextMs);
      this.client.tick(this.nowMs);
    }
    this.nowMs = untilMs;
  }

  connected(index: number): void {
    this.client.connected(index, this.nowMs);
  }

  lost(index: number): void {
    this.client.disconnected(index, 'connection lost', this.nowMs);
  }

  loaded(fault?: RtrError): void {
    this.client.loaded(fault, this.nowMs);
  }

  /** Connects, and takes over all that the cache has. */
  established(index = 0, sessionId = 7, serial = 42): void {
    this.connected(index);
    this.says(index, cache.response(sessionId), cache.endOfData(sessionId, serial));
    this.loaded();
    this.take();
  }
}

function queryText(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  if (bytes[1] === 10) return `error ${view.getUint16(2)}`;
  const version = bytes[0] === 1 ? '' : ` v${bytes[0]}`;
  return bytes[1] === 2
    ? `reset${version}`
    : `serial ${view.getUint16(2)} ${view.getUint32(8)}${version}`;
}

describe('the data of the preferred cache is taken', () => {
  it('whole at first, then what has changed at each refresh', () => {
    const given = new Given();
    expect(given.take()).toEqual(['connect 0']);
    given.connected(0);
    expect(given.take()).toEqual(['send 0 reset']);
    given.says(
      0,
      cache.response(7),
      cache.prefix('192.0.2.0/24-28 AS64500'),
      cache.routerKey(),
      cache.endOfData(7, 42, [1800, 300, 3600]),
    );
    expect(given.take()).toEqual(['load 0 whole']);
    expect(given.loads[0].vrps.map(({ count }) => count)).toEqual([1, 0]);
    given.loaded();
    expect(given.client.status(0)).toMatchObject({
      phase: 'established',
      isInUse: true,
      position: { sessionId: 7, serial: 42 },
    });
    given.wait(29 * minute);
    expect(given.take()).toEqual([]);
    given.wait(minute);
    expect(given.take()).toEqual(['send 0 serial 7 42']);
    given.says(0, cache.response(7), cache.prefix('192.0.2.0/24-28 AS64500', false));
    given.says(0, cache.endOfData(7, 43));
    expect(given.take()).toEqual(['load 0 changes']);
    given.loaded();
    expect(given.client.status(0).position?.serial).toBe(43);
  });

  it('the timers of the end of data win over the configuration, within the bounds of RFC 8210 §6', () => {
    const given = new Given();
    given.connected(0);
    given.says(0, cache.response(7), cache.endOfData(7, 1, [0, 9000, 1]));
    given.loaded();
    expect(given.client.heldTimers).toEqual({
      refreshMs: 1000,
      retryMs: 7_200_000,
      expireMs: 7_201_000,
    });
  });

  it('a notification asks at once, unless it tells of what is there', () => {
    const given = new Given();
    given.established();
    given.says(0, cache.notify(7, 42));
    expect(given.take()).toEqual([]);
    given.says(0, cache.notify(7, 43));
    expect(given.take()).toEqual(['send 0 serial 7 42']);
    given.says(0, cache.notify(7, 44));
    expect(given.take()).toEqual([]);
  });

  it.each([
    ['an answer is awaited', false],
    ['an answer is under way', true],
  ])('one that comes while %s is not forgotten', (_, isUnderWay) => {
    const given = new Given();
    const begin = (): void => given.says(0, cache.response(7));
    given.established();
    given.says(0, cache.notify(7, 43));
    if (isUnderWay) begin();
    given.says(0, cache.notify(7, 44));
    if (!isUnderWay) begin();
    given.says(0, cache.endOfData(7, 43));
    given.loaded();
    given.take();
    given.wait(0);
    expect(given.take()).toEqual(['send 0 serial 7 43']);
    given.says(0, cache.response(7), cache.endOfData(7, 44));
    given.loaded();
    given.take();
    given.wait(minute);
    expect(given.take()).toEqual([]);
  });

  it('one that comes while the data is taken over is not forgotten', () => {
    const given = new Given();
    given.connected(0);
    given.says(0, cache.response(7), cache.endOfData(7, 1), cache.notify(7, 2));
    given.take();
    given.loaded();
    given.wait(0);
    expect(given.take()).toEqual(['send 0 serial 7 1']);
  });

  it('bytes may come in any pieces', () => {
    const given = new Given();
    given.connected(0);
    given.take();
    const all = joined(
      cache.response(7),
      cache.prefix('2001:db8::/32 AS64500'),
      cache.endOfData(7, 1),
    );
    for (const byte of all) given.says(0, Uint8Array.of(byte));
    expect(given.take()).toEqual(['load 0 whole']);
    expect(given.loads[0].vrps[1].count).toBe(1);
  });
});

describe('where the cache has no changes to give, all is asked for', () => {
  it('after a cache reset', () => {
    const given = new Given();
    given.established();
    given.wait(60 * minute);
    expect(given.take()).toEqual(['send 0 serial 7 42']);
    given.says(0, cache.cacheReset());
    expect(given.take()).toEqual(['send 0 reset']);
    given.says(0, cache.response(9), cache.endOfData(9, 1));
    given.loaded();
    expect(given.client.status(0).position).toEqual({ sessionId: 9, serial: 1 });
  });

  it('after another session id, in a connection of its own', () => {
    const given = new Given(1);
    given.established();
    given.wait(60 * minute);
    given.take();
    given.says(0, cache.response(8));
    expect(given.take()).toEqual(['send 0 error 0', 'disconnect 0', 'connect 0']);
    expect(given.client.hasData).toBe(true);
    given.connected(0);
    expect(given.take()).toEqual(['send 0 reset']);
  });

  it('after data that contradicts itself', () => {
    const given = new Given(1);
    given.established();
    given.wait(60 * minute);
    given.says(0, cache.response(7), cache.endOfData(7, 43));
    given.take();
    given.loaded(new RtrError(RtrErrorCode.duplicateAnnouncement, 'twice'));
    expect(given.take()).toEqual(['send 0 error 7', 'disconnect 0', 'connect 0']);
    given.connected(0);
    expect(given.take()).toEqual(['send 0 reset']);
  });

  it('after a connection that was lost: what is there now may be another that bears its numbers', () => {
    const given = new Given(1);
    given.established();
    given.wait(minute);
    given.lost(0);
    expect(given.take()).toEqual(['connect 0']);
    given.connected(0);
    expect(given.take()).toEqual(['send 0 reset']);
  });
});

describe('what a cache must not say ends its connection, with the code for it', () => {
  it.each<[string, readonly Uint8Array[], number]>([
    ['a prefix that was not requested', [cache.prefix('192.0.2.0/24 AS1')], 0],
    ['an end that has no beginning', [cache.endOfData(7, 1)], 0],
    ['a cache reset after a reset query', [cache.cacheReset()], 0],
    ['two responses', [cache.response(7), cache.response(7)], 0],
    ['an end of another session', [cache.response(7), cache.endOfData(8, 1)], 0],
    ['another version in the middle', [cache.response(7), new CachePdus(0).endOfData(7, 1)], 8],
    ['a version above ours', [new CachePdus(2).response(7)], 4],
    ['an unknown type', [Uint8Array.of(1, 5, 0, 0, 0, 0, 0, 8)], 5],
    ['a length that no PDU has', [Uint8Array.of(1, 3, 0, 0, 0, 0, 0, 7)], 0],
  ])('%s', (_, pdus, code) => {
    const given = new Given(1);
    given.connected(0);
    given.take();
    given.says(0, ...pdus);
    expect(given.take()).toEqual([`send 0 error ${code}`, 'disconnect 0']);
    expect(given.client.status(0).lastError?.text).toContain(`code ${code}`);
    given.wait(10 * minute);
    expect(given.take()).toEqual(['connect 0']);
  });

  it('an error report is not answered by another', () => {
    const given = new Given(1);
    given.connected(0);
    given.take();
    given.says(0, cache.error(1, 'out of order'));
    expect(given.take()).toEqual(['disconnect 0']);
    expect(given.client.status(0).lastError?.text).toContain('out of order');
  });
});

describe('the version is the highest that both speak', () => {
  it('one step down at once where the cache reports that it does not speak ours', () => {
    const given = new Given(1, 2);
    given.connected(0);
    expect(given.take()).toEqual(['connect 0', 'send 0 reset v2']);
    given.says(0, new CachePdus(0).error(4, 'version 2'));
    expect(given.take()).toEqual(['disconnect 0', 'connect 0']);
    given.connected(0);
    expect(given.take()).toEqual(['send 0 reset v0']);
    given.says(0, new CachePdus(0).error(4, 'not even that'));
    expect(given.take()).toEqual(['disconnect 0']);
  });

  it('the one of its first answer, where that is lower', () => {
    const given = new Given(1, 1);
    const old = new CachePdus(0);
    given.connected(0);
    given.says(0, old.notify(3, 3), old.response(7), old.endOfData(7, 1));
    given.loaded();
    expect(given.client.status(0)).toMatchObject({ phase: 'established', version: 0 });
    expect(given.client.heldTimers).toMatchObject({ refreshMs: 60 * minute });
  });

  it('ASPAs come in version 2 only', () => {
    const given = new Given(1, 2);
    const young = new CachePdus(2);
    given.connected(0);
    given.says(0, young.response(7), young.aspa(65001, [65002]), young.aspa(65003, [], false));
    given.says(0, young.endOfData(7, 1));
    expect(given.loads[0].aspas).toEqual(
      new Map([
        [65001, [65002]],
        [65003, []],
      ]),
    );
  });
});

describe('several caches', () => {
  it('the next one is tried where one fails, and the better one takes over when it is back', () => {
    const given = new Given(3);
    given.lost(0);
    expect(given.take()).toEqual(['connect 0', 'connect 1']);
    given.connected(1);
    given.says(1, cache.error(2, 'no data'));
    expect(given.take()).toEqual(['send 1 reset', 'disconnect 1', 'connect 2']);
    given.established(2);
    given.wait(10 * minute);
    expect(given.take()).toEqual(['connect 0']);
    given.connected(0);
    given.says(0, cache.response(1), cache.endOfData(1, 1));
    expect(given.take()).toEqual(['send 0 reset', 'load 0 whole']);
    expect(given.client.status(2).isInUse).toBe(true);
    given.loaded();
    expect(given.take()).toEqual(['disconnect 2']);
    expect(given.client.status(0).isInUse).toBe(true);
    given.wait(50 * minute);
    expect(given.take()).toEqual([]);
  });

  it('the answers of two are never awaited at a time', () => {
    const given = new Given();
    given.lost(0);
    given.established(1);
    given.wait(9 * minute);
    given.take();
    given.says(1, cache.notify(7, 43));
    given.wait(2 * minute - 60_001);
    expect(given.take()).toEqual(['send 1 serial 7 42']);
    given.says(1, cache.response(7), cache.endOfData(7, 43));
    expect(given.take()).toEqual(['load 1 changes']);
    given.loaded();
    given.wait(minute);
    expect(given.take()).toEqual(['connect 0']);
    given.connected(0);
    given.says(1, cache.notify(7, 44));
    expect(given.take()).toEqual(['send 0 reset']);
    given.says(0, cache.error(2, 'no data'));
    given.wait(0);
    expect(given.take()).toEqual(['disconnect 0', 'send 1 serial 7 43']);
  });

  it('none is asked twice at a time, and a silent one is given up', () => {
    const given = new Given();
    given.take();
    given.connected(0);
    given.says(0, cache.response(7));
    given.wait(59_000);
    expect(given.take()).toEqual(['send 0 reset']);
    given.says(0, cache.prefix('192.0.2.0/24 AS1'));
    given.wait(59_000);
    expect(given.take()).toEqual([]);
    given.wait(1000);
    expect(given.take()).toEqual(['disconnect 0', 'connect 1']);
  });

  it('one that is lost again and again is not called without pause', () => {
    const given = new Given(1);
    given.established();
    given.lost(0);
    expect(given.take()).toEqual([]);
    given.wait(10_000);
    expect(given.take()).toEqual(['connect 0']);
    given.lost(0);
    given.wait(9 * minute);
    expect(given.take()).toEqual([]);
    given.wait(minute);
    expect(given.take()).toEqual(['connect 0']);
  });
});

describe('data is used for as long as it may be', () => {
  it('through all failures until it expires', () => {
    const given = new Given(1);
    given.established();
    given.wait(minute);
    given.lost(0);
    for (let tries = 0; tries < 11; tries++) {
      given.lost(0);
      given.wait(10 * minute);
    }
    expect(given.said).not.toContain('expire');
    expect(given.client.status(0).isInUse).toBe(true);
    given.wait(9 * minute);
    expect(given.take()).toContain('expire');
    expect(given.client.hasData).toBe(false);
  });

  it('that of an earlier client too', () => {
    const given = new Given(1, 1, 5 * minute);
    expect(given.client.hasData).toBe(true);
    given.wait(5 * minute);
    expect(given.take()).toContain('expire');
  });

  it('and not while other data is being taken over', () => {
    const given = new Given(1, 1, 5 * minute);
    given.connected(0);
    given.says(0, cache.response(7), cache.endOfData(7, 1));
    given.wait(6 * minute);
    expect(given.take()).not.toContain('expire');
    given.loaded();
    expect(given.client.expiresAtMs).toBe(given.nowMs + 120 * minute);
  });
});

test('a stopped client wants nothing any more', () => {
  const given = new Given();
  given.established();
  given.client.stop();
  expect(given.take()).toEqual(['disconnect 0']);
  expect(given.client.nextMs).toBe(Infinity);
  given.wait(500 * minute);
  expect(given.take()).toEqual([]);
});
