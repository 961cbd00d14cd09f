import { createServer } from 'node:net';

/**
 * A BMP collector that reads everything that it is sent and keeps nothing. Its argument is the port; it prints a line
 * when a
 * connection arrives.
 */
createServer((socket) => {
  socket.on('error', () => undefined).resume();
  console.log('called');
}).listen(Number(process.argv[2]), () => console.log('listening'));
