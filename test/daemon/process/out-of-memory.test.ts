import { afterEach, beforeEach, expect, it } from 'vitest';
import { freePort } from '#support/free-port.ts';
import { MessageType } from '#support/raw-message.ts';
import { DaemonProcess } from '../process.ts';

let port: number;
let daemon: DaemonProcess;
beforeEach(async () => {
  port = await freePort();
});
afterEach(() => daemon.close());

it('near the heap limit every peer is sent Cease, and the process ends with 70', async () => {
  const peer = 'peer_as: 65001, passive: true, hold_time: 90, import: all';
  const yaml = `listen: "127.0.0.9:${port}"
peers:
  - { name: W1, address: 127.0.1.1, ${peer} }
  - { name: W2, address: 127.0.1.2, ${peer} }
`;
  // What peers send is bounded and collected, so the heap is filled by a leak; with a smaller heap the last full
  // collection may come too late.
  const leak = new URL('../leak.mjs', import.meta.url).pathname;
  const env = { NODE_OPTIONS: `--max-old-space-size=512 --import=${leak}` };
  daemon = new DaemonProcess(yaml, { env });
  await daemon.ready();
  const speakers = [
    await daemon.establish('127.0.1.1', port),
    await daemon.establish('127.0.1.2', port),
  ];
  daemon.child.kill('SIGUSR2');
  for (const speaker of speakers) {
    const { body } = await speaker.next(MessageType.notification);
    expect(body[0]).toBe(6);
  }
  expect(await daemon.ended()).toBe(70);
  expect(daemon.output).toContain('out of memory: ');
});
