import { createServer } from 'node:net';
import { CachePdus } from '#support/rtr-pdus.ts';
import { nodeAs } from '../addresses.ts';

/**
 * An RTR cache that answers every query with all its data and prints a line for each. Its arguments are the port and a
 * number of VRPs, which allow the AS of the nodes to originate what is in every second /22 of the IPv4 prefixes of the
 * bench.
 */
const [port, count] = process.argv.slice(2).map(Number);
const answer = wholeAnswer();

createServer((socket) => {
  socket.on('error', () => undefined);
  socket.on('data', () => {
    socket.write(answer);
    console.log('called');
  });
}).listen(port, () => console.log('listening'));

function wholeAnswer(): Buffer {
  const pdus = new CachePdus();
  const vrps = Array.from({ length: count }, (_, at) => pdus.prefix(vrpText(2 * at)));
  return Buffer.concat([pdus.response(1), ...vrps, pdus.endOfData(1, 1)]);
}

function vrpText(block: number): string {
  const octets = [16 + (block >> 14), (block >> 6) & 255, (block & 63) << 2, 0];
  return `${octets.join('.')}/22-24 AS${nodeAs}`;
}
