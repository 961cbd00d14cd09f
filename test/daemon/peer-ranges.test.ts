import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { atOnce } from '#daemon/in-slices.ts';
import { MessageType, open } from '#support/raw-message.ts';
import { Closer, connectTo, dialUntilAnswer, loopback, netstat, until } from '../net/support.ts';
import { Bench, openFields } from './bench.ts';
import { ShiftedClock } from './shifted-clock.ts';

const config = `
start_gate: 0
peers:
  - { name: FIXED, address: 127.0.5.5, peer_as: 65001, passive: true }
peer_ranges:
  - { range: 127.0.5.0/24, peer_as: 65001, import: all, export: all, max_peers: 2 }
`;
const hourMs = 3_600_000;

let bench: Bench;
let clock: ShiftedClock;
beforeEach(async () => {
  clock = new ShiftedClock();
  bench = await Bench.start(config, { clock });
});
afterEach(() => bench.close());

describe('a connection from a range', () => {
  it('creates a peer, which is listed behind the configured ones by its address', async () => {
    await bench.establish('127.0.5.9');
    await bench.establish('127.0.5.1');
    expect(bench.names).toEqual(['FIXED', '127.0.5.9', '127.0.5.1']);
    expect(bench.peer('127.0.5.9')).toMatchObject({
      name: '127.0.5.9',
      address: '127.0.5.9',
      range: '127.0.5.0/24',
      state: 'established',
      import: 'all',
    });
    expect(bench.queries.status().peers).toEqual({ configured: 3, established: 2 });
  });

  it('creates no peer where one is configured, or outside the range', async () => {
    await bench.establish('127.0.5.5');
    const stranger = bench.call('127.0.6.1');
    await stranger.waitForClose();
    expect(bench.names).toEqual(['FIXED']);
    expect(bench.peer('FIXED')).not.toHaveProperty('range');
    expect(bench.told('unknown_source')).toEqual([
      {
        event: 'unknown_source',
        address: '127.0.6.1',
        text: 'no peer is configured with this address',
      },
    ]);
  });
});

describe('a peer from a range that was never Established', () => {
  it('has no row, no series and no event of its own', async () => {
    const speaker = bench.call('127.0.5.1');
    await bench.until('the call', () => known().includes('127.0.5.1'));
    expect(bench.names).toEqual(['FIXED']);
    expect(atOnce(bench.queries.metrics()).peers).toHaveLength(1);
    expect(atOnce(bench.queries.doctor('127.0.5.1'))).toEqual([]);
    const trouble = await bench.queries.trouble('1h');
    expect(JSON.stringify(trouble)).not.toContain('127.0.5.1');
    speaker.close();
    await bench.until('the end', () => !known().includes('127.0.5.1'));
    bench.daemon.events.flush();
    expect(bench.events.filter((event) => 'peer' in event && event.peer === '127.0.5.1')).toEqual(
      [],
    );
  });

  it('is not reported by doctor, whatever its OPEN says', async () => {
    await bench.establish('127.0.5.5');
    const before = atOnce(bench.queries.doctor(undefined));
    const speaker = bench.call('127.0.5.1');
    speaker.send(open({ ...openFields, routerId: '127.0.5.5' }));
    await bench.until('its OPEN', () => stateOf('127.0.5.1') === 'OpenConfirm');
    expect(atOnce(bench.queries.doctor(undefined))).toEqual(before);
    expect(atOnce(bench.queries.doctor('127.0.5.1'))).toEqual([]);
  });

  it('is logged when it is refused, like any unknown source', async () => {
    const speaker = bench.call('127.0.5.1');
    speaker.send(open({ ...openFields, routerId: '127.0.5.1', holdTimeSec: 1 }));
    const { body } = await speaker.next(MessageType.notification);
    expect([...body.subarray(0, 2)]).toEqual([2, 6]);
    await bench.until('it', () => bench.told('unknown_source').length > 0);
    expect(bench.told('unknown_source')).toContainEqual(
      expect.objectContaining({
        address: '127.0.5.1',
        text: expect.stringContaining('Hold Time'),
      }),
    );
    expect(bench.told('notification')).toEqual([]);
  });
});

/** Unknown sources are included. */
function known(): string[] {
  return [...bench.daemon.peers].map(({ name }) => name);
}

function stateOf(name: string): string | undefined {
  return bench.daemon.peers.find(name)?.session.state;
}

describe('a peer of a range that has left', () => {
  it('is listed as down for 24 hours, then is gone', async () => {
    const speaker = await bench.establish('127.0.5.1');
    await leave('127.0.5.1', speaker);
    clock.pass(23 * hourMs);
    expect(bench.peer('127.0.5.1')).toMatchObject({ state: 'active', flaps: 1 });
    expect(bench.queries.status().peers).toEqual({ configured: 1, established: 0 });
    clock.pass(hourMs);
    expect(bench.names).toEqual(['FIXED']);
    await bench.establish('127.0.5.1');
    expect(bench.peer('127.0.5.1').flaps).toBe(0);
  });

  it('is the same peer if it comes back earlier', async () => {
    await leave('127.0.5.1', await bench.establish('127.0.5.1'));
    clock.pass(23 * hourMs);
    await bench.establish('127.0.5.1');
    clock.pass(23 * hourMs);
    expect(bench.peer('127.0.5.1')).toMatchObject({ flaps: 1 });
  });

  it('is removed at once if it never was up', async () => {
    const speaker = bench.call('127.0.5.1');
    await bench.until('the call', () => known().includes('127.0.5.1'));
    speaker.close();
    await bench.until('the end', () => !known().includes('127.0.5.1'));
  });

  it('stays while an operator has disabled it', async () => {
    await bench.establish('127.0.5.1');
    bench.commands.disable('127.0.5.1', 'enough');
    clock.pass(48 * hourMs);
    expect(bench.peer('127.0.5.1')).toMatchObject({ enabled: false, state: 'idle' });
  });
});

describe('max_peers', () => {
  it('refuses one peer too many, until another leaves', async () => {
    const first = await bench.establish('127.0.5.1');
    await bench.establish('127.0.5.2');
    await bench.call('127.0.5.3').waitForClose();
    expect(bench.names).toEqual(['FIXED', '127.0.5.1', '127.0.5.2']);
    expect(bench.told('unknown_source').map(({ text }) => text)).toContain(
      'the peer range 127.0.5.0/24 already has its maximum of 2 peers',
    );
    await leave('127.0.5.1', first);
    await bench.establish('127.0.5.3');
    const late = bench.call('127.0.5.1');
    await late.waitForClose();
    expect(bench.queries.status().unknown_sources).toBe(2);
  });

  it('gives the place of a silent peer to a newer one after a while', async () => {
    const silent = bench.call('127.0.5.1');
    await bench.until('it', () => known().includes('127.0.5.1'));
    await bench.establish('127.0.5.2');
    await bench.call('127.0.5.3').waitForClose();
    clock.pass(6000);
    await bench.establish('127.0.5.3');
    const { body } = await silent.next(MessageType.notification);
    expect([...body]).toEqual([6, 8]);
    expect(bench.names).toEqual(['FIXED', '127.0.5.2', '127.0.5.3']);
  });

  it('bounds how many former peers are remembered, and peers that were never Established are not among them', async () => {
    for (const host of [1, 2, 3, 4]) {
      const from = `127.0.5.${host}`;
      await leave(from, await bench.establish(from));
    }
    expect(known()).toEqual(['FIXED', '127.0.5.2', '127.0.5.3', '127.0.5.4']);
    for (const host of [11, 12, 13, 14]) {
      const from = `127.0.5.${host}`;
      const speaker = bench.call(from);
      await bench.until(from, () => known().includes(from));
      speaker.close();
      await bench.until(from, () => !known().includes(from));
    }
    expect(known()).toEqual(['FIXED', '127.0.5.3', '127.0.5.4']);
  });

  it('reuses one id for five thousand peers whose connections fail one after the other, and exports nothing for them', () => {
    const { lifecycle, peers, rib } = bench.daemon;
    const ids = new Set<number>();
    const shared = vi.spyOn(rib.families[0].outbound, 'addClient');
    for (let call = 0; call < 5000; call++) {
      const peer = lifecycle.dynamic.admit(Uint8Array.of(127, 0, 5, 10 + (call % 200)), undefined);
      if (typeof peer === 'string') throw new Error(peer);
      ids.add(peer.ribId);
      expect(peer.routes.judges[1]).toBeUndefined();
      lifecycle.forgetStranger(peer.name);
      while (rib.hasWork) rib.work(1000);
    }
    expect([...peers]).toHaveLength(1);
    expect([ids.size, rib.peerSets.size]).toEqual([1, 0]);
    expect(shared.mock.calls).toHaveLength(5000);
    expect(shared.mock.calls.every(([peer]) => peer.settings.exportJudge === undefined)).toBe(true);
  });
});

describe('a reload', () => {
  it('changes policy without a reset', async () => {
    await bench.establish('127.0.5.1');
    const outcome = await bench.reload(config.replace('import: all', 'import: none'), {
      isForced: true,
    });
    expect(outcome).toEqual({
      ok: true,
      message: 'reloaded; 127.0.5.1: policy (import); applied: peer_ranges',
    });
    expect(bench.peer('127.0.5.1')).toMatchObject({ state: 'established', import: 'none' });
  });

  it('that removes the range ends the sessions of its peers and forgets them', async () => {
    const speaker = await bench.establish('127.0.5.1');
    await bench.reload(config.replace('127.0.5.0/24', '127.0.7.0/24'), { isForced: true });
    const { body } = await speaker.next(MessageType.notification);
    expect([...body]).toEqual([6, 3]);
    expect(bench.names).toEqual(['FIXED']);
  });

  it('that changes our OPEN resets them', async () => {
    const speaker = await bench.establish('127.0.5.1');
    await bench.reload(config.replace('import: all', 'import: all, hold_time: 12'));
    const { body } = await speaker.next(MessageType.notification);
    expect([...body]).toEqual([6, 6]);
    await bench.establish('127.0.5.1');
    expect(bench.peer('127.0.5.1').hold_time_s).toBe(12);
  });

  it('turns one of them into a configured peer', async () => {
    await bench.establish('127.0.5.1');
    const more =
      '  - { name: NEW, address: 127.0.5.1, peer_as: 65001, passive: true }\npeer_ranges:';
    await bench.reload(config.replace('peer_ranges:', more), { isForced: true });
    expect(bench.names).toEqual(['FIXED', 'NEW']);
    await bench.establish('127.0.5.1');
    expect(bench.peer('NEW').state).toBe('established');
  });
});

it('one MD5 key protects all peers of a range except those with a key of their own', async () => {
  const closer = new Closer();
  const keys = config
    .replace('passive: true', 'passive: true, password: own')
    .replace('import: all', 'import: all, password: common');
  await bench.reload(keys);
  const remote = { address: loopback(9), port: bench.port };
  const call = { remote, source: Uint8Array.of(127, 0, 5, 1) };
  const { socket } = await connectTo({ ...call, md5Key: 'common' }, closer);
  await bench.establishOver(socket, '127.0.5.1');
  const fixed = { remote, source: Uint8Array.of(127, 0, 5, 5) };
  const before = netstat('TCPMD5Failure');
  void dialUntilAnswer({ ...fixed, md5Key: 'common' }, closer);
  await until(() => netstat('TCPMD5Failure') > before);
  const { socket: own } = await connectTo({ ...fixed, md5Key: 'own' }, closer);
  await bench.establishOver(own, '127.0.5.5');
  closer.close();
});

/** Closes the connection, and waits until the daemon has noticed. */
async function leave(name: string, speaker: { close(): void }): Promise<void> {
  speaker.close();
  await bench.until(`${name} to leave`, () => bench.peer(name).state === 'active');
}
