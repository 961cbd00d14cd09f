import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  fourOctetAsCapability,
  ipv4UnicastCapability,
  MessageType,
  open,
} from '#support/raw-message.ts';
import { Bench, openFields } from './bench.ts';
import { ShiftedClock } from './shifted-clock.ts';

const peers = (address: string): string =>
  `peers: [{ name: W1, address: ${address}, peer_as: 65001, passive: true, idle_hold: 60s }]\n`;

let bench: Bench;
let clock: ShiftedClock;
beforeEach(async () => {
  clock = new ShiftedClock();
  bench = await Bench.start(peers('127.0.1.1'), { clock });
});
afterEach(() => bench.close());

const wrongAs = { as: 65009, capabilities: [ipv4UnicastCapability, fourOctetAsCapability(65009)] };

describe('a peer that sends another AS', () => {
  it('is answered 2/2, and the log and the peer say which AS it was, how long connections are refused, and the remedy', async () => {
    const speaker = bench.call('127.0.1.1');
    speaker.send(open({ ...openFields, ...wrongAs }));
    await speaker.next(MessageType.notification);
    await bench.until('Idle', () => bench.peer('W1').state === 'idle');
    expect(bench.told('notification')).toContainEqual(
      expect.objectContaining({
        code: 2,
        subcode: 2,
        text: 'OPEN Message Error/Bad Peer AS: the peer sent AS 65009',
      }),
    );
    expect(bench.peer('W1').hints).toEqual([
      expect.stringMatching(
        /^incoming connections are refused for another \d+ s after 2\/2, because the peer sent AS 65009; 'reset W1' allows them now$/,
      ),
    ]);
    const refused = bench.call('127.0.1.1');
    await refused.next(MessageType.notification);
    expect(bench.told('notification')).toContainEqual(
      expect.objectContaining({
        code: 6,
        subcode: 5,
        text: expect.stringMatching(
          /^Cease\/Connection Rejected: connections are refused for another \d+ s after 2\/2, because the peer sent AS 65009$/,
        ),
      }),
    );
    bench.commands.reset('W1', undefined);
    await bench.establish('127.0.1.1');
    expect(bench.peer('W1')).not.toHaveProperty('hints');
  });
});

describe('a session whose peer has moved', () => {
  it('is reported down with the address that it had', async () => {
    await bench.establish('127.0.1.1');
    await bench.reload(peers('127.0.1.2'));
    expect(bench.told('peer_down')).toMatchObject([{ peer: 'W1', address: '127.0.1.1' }]);
    await bench.establish('127.0.1.2');
    expect(bench.told('peer_up').map(({ address }) => address)).toEqual(['127.0.1.1', '127.0.1.2']);
  });
});

describe('a peer that does not answer', () => {
  it('may have an MD5 key that is missing here', () => {
    expect(bench.peer('W1')).not.toHaveProperty('hints');
    clock.pass(11_000);
    expect(bench.peer('W1').hints).toEqual([
      expect.stringContaining('if it uses an MD5 key, `password` is missing here'),
    ]);
  });
});
