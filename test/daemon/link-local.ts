/**
 * Run by link-local.test.ts inside a network of its own: veth0 and veth2 are the daemon's, fe80::9 on
 * both; the far ends veth1 and veth3 both have fe80::1. Prints what became of the two peers.
 */
import { createServer } from 'node:net';
import { freePort } from '#support/free-port.ts';
import { RawSpeaker } from '#support/raw-speaker.ts';
import { Bench, openFields } from './bench.ts';

const dialled = await freePort();
const callers: string[] = [];
const server = createServer((socket) => {
  callers.push(String(socket.remoteAddress));
  socket.destroy();
});
await new Promise<void>((resolve) => server.listen(dialled, 'fe80::1%veth3', resolve));

const bench = await Bench.start(
  `peers:
  - { name: NEAR, address: "fe80::1%veth0", peer_as: 65001, passive: true }
  - { name: FAR, address: "fe80::1", interface: veth2, peer_as: 65001, port: ${dialled} }\n`,
  { listen: ['[fe80::9%veth0]'] },
);
await bench.until('the daemon to call', () => callers.length > 0);
const from = 'fe80::1%veth1';
const speaker = RawSpeaker.connect({ from, to: 'fe80::9%veth1', port: bench.port });
await speaker.establish(openFields);
await bench.until('NEAR', () => bench.peer('NEAR').state === 'established');
const { state, address, local_address } = bench.peer('fe80::1%veth0');
process.stdout.write(
  JSON.stringify({ state, address, local_address, far: bench.peer('FAR').address, callers }),
);
await bench.close();
process.exit(0);
