import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  fourOctetAsCapability,
  ipv4UnicastCapability,
  message,
  MessageType,
} from '#support/raw-message.ts';
import { Bench } from './bench.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.start(`start_gate: 0
peers: [{ name: W1, address: 127.0.1.1, peer_as: 65001, passive: true, import: all }]\n`);
});
afterEach(() => bench.close());

/** Text that begins a new line, clears the screen in two ways, and reverses what follows. */
const hostile = 'bye\n\u001b[2J\u009b2J\u202eok\u2028';
const harmless = 'bye  [2J 2J ok ';

/** RFC 9003 §2: a length octet, then UTF-8. */
function withText(subcode: number, text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.from([6, subcode, bytes.length, ...bytes]);
}

function notification(body: Uint8Array): Buffer {
  return message(MessageType.notification, body);
}

describe('the text of an administrative shutdown or reset', () => {
  it.each([
    ['disable', 2, 'switch replaced, back at 9:00 ☕'],
    ['reset', 4, 'new filter'],
  ] as const)('%s tells the peer, in 6/%i', async (command, subcode, text) => {
    const speaker = await bench.establish('127.0.1.1');
    bench.commands[command]('W1', text);
    const { body } = await speaker.next(MessageType.notification);
    expect(body.equals(withText(subcode, text))).toBe(true);
    expect(bench.peer('W1').last_error).toMatchObject({
      text: expect.stringContaining(text),
      code: 6,
      subcode,
      direction: 'sent',
    });
    expect(bench.told('notification')).toContainEqual(
      expect.objectContaining({
        direction: 'sent',
        text: expect.stringContaining(text),
      }),
    );
  });

  it.each(['disable', 'reset'] as const)(
    '%s shows it without anything that could harm a terminal',
    async (command) => {
      const speaker = await bench.establish('127.0.1.1');
      bench.commands[command]('W1', hostile);
      const { body } = await speaker.next(MessageType.notification);
      expect(body.subarray(3).toString()).toBe(harmless);
      const shown = JSON.stringify([bench.peer('W1'), bench.told('notification')]);
      expect(shown).toContain(harmless);
      expect(shown).not.toMatch(/\\u001b|\\n|\u009b|\u202e|\u2028/);
    },
  );

  it('longer than 255 bytes is cut between two characters', async () => {
    const speaker = await bench.establish('127.0.1.1');
    bench.commands.disable('W1', 'é'.repeat(200));
    const { body } = await speaker.next(MessageType.notification);
    expect(body.equals(withText(2, 'é'.repeat(127)))).toBe(true);
  });

  it.each([
    ['Cease/Administrative Shutdown: power off until 9', withText(2, 'power off until 9')],
    ['Cease/Administrative Reset: hello', withText(4, 'hello')],
    ['Cease/Administrative Shutdown', Buffer.from([6, 2])],
    ['Cease/Administrative Shutdown', Buffer.from([6, 2, 0])],
    ['Cease/Administrative Shutdown: a b c [31m', withText(2, 'a\nb\u0007c\u001b[31m')],
    [`Cease/Administrative Shutdown: ${harmless}`, withText(2, hostile)],
    ['Cease/Administrative Shutdown: \ufffd', Buffer.from([6, 2, 1, 0xff])],
    ['Cease/Administrative Shutdown: cut', Buffer.from([6, 2, 99, ...Buffer.from('cut')])],
    ['Cease/Hard Reset: Cease/Administrative Shutdown: bye', hardReset(withText(2, 'bye'))],
  ])('%s is shown and logged as received', async (want, body) => {
    const speaker = await bench.establish('127.0.1.1');
    speaker.send(notification(body));
    await bench.until('the end', () => bench.peer('W1').last_error !== undefined);
    expect(bench.peer('W1').last_error).toMatchObject({ text: want, direction: 'received' });
    expect(bench.told('notification')).toMatchObject([{ direction: 'received', text: want }]);
    expect(bench.told('peer_down')).toMatchObject([
      { reason: 'notification_received', text: want },
    ]);
  });
});

/** RFC 8538 §3.1. */
function hardReset(inner: Buffer): Buffer {
  return Buffer.concat([Buffer.from([6, 9]), inner]);
}

describe('a shutdown of a session whose routes would be kept (RFC 8538)', () => {
  const gracefully = 'graceful_restart: { helper: true }';

  it.each([
    ['both have the N bit, families kept', gracefully, restart(0x40, 0, 1, 1, 0), [6, 9, 6, 2]],
    ['the peer has no N bit', gracefully, restart(0x00, 0, 1, 1, 0), [6, 2]],
    ['the peer keeps no family', gracefully, restart(0x40), [6, 2]],
    ['we have no N bit', 'description: x', restart(0x40, 0, 1, 1, 0), [6, 2]],
  ])('%s', async (_, key, capability, want) => {
    await bench.reload(`start_gate: 0
peers: [{ name: W1, address: 127.0.1.1, peer_as: 65001, passive: true, import: all, ${key} }]\n`);
    const capabilities = [ipv4UnicastCapability, fourOctetAsCapability(65001), capability];
    const speaker = await bench.establish('127.0.1.1', { capabilities });
    bench.commands.disable('W1');
    const { body } = await speaker.next(MessageType.notification);
    expect([...body]).toEqual(want);
  });
});

/** Capability 64: 120 seconds, and AFI, SAFI and flags of each family. */
function restart(flags: number, ...families: number[]) {
  return [64, [flags, 120, ...families]] as const;
}
