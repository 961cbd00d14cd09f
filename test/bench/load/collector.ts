import { createServer } from 'node:net';

/** A BMP collector that takes all it is sent and keeps nothing. Its argument is the port; it says when it is called. */
createServer((socket) => {
  socket.on('error', () => undefined).resume();
  console.log('called');
}).listen(Number(process.argv[2]), () => console.log('listening'));
