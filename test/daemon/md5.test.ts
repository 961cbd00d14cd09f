import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { atOnce } from '#daemon/in-slices.ts';
import { MessageType } from '#support/raw-message.ts';
import { Closer, connectTo, dialUntilAnswer, loopback, netstat, until } from '../net/support.ts';
import { Bench } from './bench.ts';
import { ShiftedClock } from './shifted-clock.ts';

const closer = new Closer();
let bench: Bench;
let clock: ShiftedClock;
beforeEach(async () => {
  clock = new ShiftedClock();
  bench = await Bench.start(peers('first-key'), { clock });
});
afterEach(async () => {
  closer.close();
  await bench.close();
});

function peers(key: string): string {
  return `peers:
  - { name: W1, address: 127.0.0.11, peer_as: 65001, passive: true, password: ${key} }
  - { name: W2, address: 127.0.0.12, peer_as: 65001, passive: true, password: other-key }
`;
}

function remote() {
  return { address: loopback(9), port: bench.port };
}

async function establish(host: number, md5Key: string) {
  const { socket } = await connectTo({ remote: remote(), source: loopback(host), md5Key }, closer);
  return bench.establishOver(socket, `127.0.0.${host}`);
}

describe('TCP MD5 keys', () => {
  it('are changed by a reload, and only their own session ends', async () => {
    const first = await establish(11, 'first-key');
    const other = await establish(12, 'other-key');
    const outcome = await bench.reload(peers('second-key'));
    expect(outcome).toEqual({ ok: true, message: 'reloaded; W1: reset (password)' });
    const { body } = await first.next(MessageType.notification);
    expect([...body.subarray(0, 2)]).toEqual([6, 6]);
    await first.waitForClose();

    const before = netstat('TCPMD5Failure');
    void dialUntilAnswer({ remote: remote(), source: loopback(11), md5Key: 'first-key' }, closer);
    await until(() => netstat('TCPMD5Failure') > before);
    await establish(11, 'second-key');
    expect(bench.peer('W2')).toMatchObject({ state: 'established', flaps: 0 });
    expect(other.isClosed).toBe(false);
  });

  it('have no effect once they are removed', async () => {
    await bench.reload(peers('first-key').replace(', password: first-key', ''));
    await bench.establish('127.0.0.11');
    await establish(12, 'other-key');
  });

  it('that do not match are hinted at, although the kernel notifies neither side', async () => {
    expect(bench.peer('W1')).not.toHaveProperty('hints');
    clock.pass(11_000);
    expect(bench.peer('W1').hints).toEqual([expect.stringContaining('possible MD5 mismatch')]);
    await establish(12, 'other-key');
    await bench.until('W2', () => bench.peer('W2').state === 'established');
    expect(bench.peer('W2')).not.toHaveProperty('hints');
  });

  it('are never shown', async () => {
    await establish(11, 'first-key');
    await bench.reload(peers('second-key'));
    await bench.reload(`${peers('third-key')}  - { adress: 127.0.0.13, password: fourth-key }\n`);
    await bench.reload(peers(`"${'long-key'.repeat(11)}"`));
    expect(bench.told('config_refused')).toHaveLength(2);
    const { queries, daemon, commands, events } = bench;
    const shown = [
      queries.config(),
      atOnce(queries.peers()),
      queries.status(),
      atOnce(queries.metrics()),
      events,
      await commands.checkConfig(),
      daemon.config,
    ];
    const text = JSON.stringify(shown) + inspect(shown, { depth: 20, showHidden: true });
    expect(text).not.toMatch(/first-key|second-key|third-key|fourth-key|long-key|other-key/);
  });

  it('for which the kernel has no space make a reload fail without any loss', async () => {
    await establish(12, 'other-key');
    const many = Array.from({ length: 3000 }, (_, at) => {
      const address = `127.1.${at >> 8}.${at & 255}`;
      return `  - { address: ${address}, peer_as: 65001, passive: true, password: key${at} }\n`;
    });
    const outcome = await bench.reload(peers('second-key') + many.join(''));
    expect(outcome).toMatchObject({
      ok: false,
      message: expect.stringMatching(/^cannot set the TCP MD5 key of peer 127\.1\..*optmem_max$/),
    });
    expect(bench.names).toEqual(['W1', 'W2']);
    await establish(11, 'first-key');
    expect(bench.peer('W2').flaps).toBe(0);
  });
});
