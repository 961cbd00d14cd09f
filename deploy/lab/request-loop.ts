/**
 * Runs inside R1: requests the pages of the service addresses in turn, as many times a second as its argument says,
 * each time over a new connection, and prints a line for each answer: when the request was made (Date.now()), the
 * address, and who answered; `-` and the reason if there was no connection within 0.9 s, which is less than TCP takes
 * to try again, or no answer over it in the end; `cut` if a connection was reset, as happens to those that are open
 * when their address moves to another node. Prints nothing if the machine stood still meanwhile.
 */
import { get } from 'node:http';
import { clientAddress, services } from './plan.ts';

const everyMs = 1000 / Number(process.argv[2]);
const timeoutMs = 900;
/** The kernel accepts a connection at once, but a web server may get no processor for a while. */
const answerTimeoutMs = 20_000;
/** A timer that is this late means that other processes, too, got no processor. */
const stallMs = 250;
let stalledAt = 0;

function ask(address: string): void {
  const askedAt = Date.now();
  let isTold = false;
  const tell = (who: string): void => {
    const isNobodysFault = who.startsWith('-') && stalledAt >= askedAt;
    if (!isTold && !isNobodysFault) process.stdout.write(`${askedAt} ${address} ${who}\n`);
    isTold = true;
  };
  const asked = get({ host: address, localAddress: clientAddress, agent: false }, (answer) => {
    let text = '';
    answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    answer.once('end', () =>
      tell(answer.statusCode === 200 ? text.trim() : `- status ${answer.statusCode}`),
    );
  });
  let isConnected = false;
  asked.once('socket', (socket) => socket.once('connect', () => (isConnected = true)));
  // After a stall of our own it may be connected in time and not be notified yet, so what can be read is read first.
  const callTimer = setTimeout(
    () => setImmediate(() => setImmediate(() => isConnected || asked.destroy())),
    timeoutMs,
  );
  const answerTimer = setTimeout(() => asked.destroy(), answerTimeoutMs);
  asked.once('error', ({ code, syscall }: NodeJS.ErrnoException) => {
    const whatHappened = isConnected ? 'connected' : 'not connected';
    const why = `- ${whatHappened}, ${syscall} ${code} after ${Date.now() - askedAt} ms`;
    tell(code === 'ECONNRESET' && syscall === 'read' ? 'cut' : why);
  });
  asked.once('close', () => {
    clearTimeout(callTimer);
    clearTimeout(answerTimer);
    tell(`- ${isConnected ? 'no answer' : 'no connection'} after ${Date.now() - askedAt} ms`);
  });
}

let turn = 0;
let turnedAt = Date.now();
setInterval(() => {
  const now = Date.now();
  if (now - turnedAt > stallMs) stalledAt = now;
  turnedAt = now;
  ask(services[turn++ % services.length]);
}, everyMs);
