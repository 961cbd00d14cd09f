import { afterEach, beforeEach, expect, it } from 'vitest';
import { freePort } from '#support/free-port.ts';
import { attribute, MessageType, update } from '#support/raw-message.ts';
import { pause } from '#support/wait.ts';
import { DaemonProcess } from '../process.ts';

let port: number;
let daemon: DaemonProcess;
beforeEach(async () => {
  port = await freePort();
});
afterEach(() => daemon.close());

/** UPDATEs with an ORIGIN that does not exist: what is kept of each, until a sweep, is on the heap. */
function malformed(from: number, count: number): Buffer {
  const messages = Array.from({ length: count }, (_, at) => {
    const number = from + at;
    const med = [number >>> 24, (number >> 16) & 255, (number >> 8) & 255, number & 255];
    const attributes = [
      attribute(0x40, 1, [9]),
      attribute(0x40, 2, [2, 1, 0, 0, 65001 >> 8, 65001 & 255]),
      attribute(0x40, 3, [192, 0, 2, 1]),
      attribute(0x80, 4, med),
    ];
    return update(attributes, Buffer.from([8, 10]), Buffer.alloc(0));
  });
  return Buffer.concat(messages);
}

it("near the heap's limit every peer hears Cease, and the process ends with 70", async () => {
  const peer = 'peer_as: 65001, passive: true, hold_time: 90, import: all';
  const yaml = `listen: "127.0.0.9:${port}"
peers:
  - { name: W1, address: 127.0.1.1, ${peer} }
  - { name: W2, address: 127.0.1.2, ${peer} }
`;
  daemon = new DaemonProcess(yaml, { env: { NODE_OPTIONS: '--max-old-space-size=36' } });
  await daemon.ready();
  const hostile = await daemon.establish('127.0.1.1', port);
  const honest = await daemon.establish('127.0.1.2', port);
  // A sweep frees them again: the limit is reached where a collection comes before it, sooner or later.
  let sent = 0;
  const isOver = (): boolean => hostile.isClosed || honest.isClosed;
  while (!isOver() && sent < 1_000_000) {
    for (let more = 0; more < 8; more++, sent += 1000) hostile.send(malformed(sent, 1000));
    await pause(50);
  }
  const { body } = await honest.next(MessageType.notification);
  expect(body[0]).toBe(6);
  expect(await daemon.ended()).toBe(70);
  expect(daemon.output).toContain('out of memory: ');
});
