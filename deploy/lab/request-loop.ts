/**
 * Runs inside R1: asks for the page of each service address every 50 ms, each time by a connection of its own, and
 * prints a line an answer: when it was asked (Date.now()), the address, and who answered; `-` when nobody
 * did within 0.9 s, which is less than TCP takes to try again. Nothing, if the machine stood still meanwhile.
 */
import { get } from 'node:http';
import { clientAddress, services } from './plan.ts';

const everyMs = 50;
const timeoutMs = 900;
/** A timer as late as that means that others, too, were given no processor. */
const stallMs = 250;
let stalledAt = 0;

function ask(address: string): void {
  const askedAt = Date.now();
  let isTold = false;
  const tell = (who: string): void => {
    const isNobodysFault = who === '-' && stalledAt >= askedAt;
    if (!isTold && !isNobodysFault) process.stdout.write(`${askedAt} ${address} ${who}\n`);
    isTold = true;
  };
  const asked = get({ host: address, localAddress: clientAddress, agent: false }, (answer) => {
    let text = '';
    answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    answer.once('end', () => tell(answer.statusCode === 200 ? text.trim() : '-'));
  });
  // After a stall of our own an answer may have come in time and be unread: what can be read is, first.
  const giveUp = setTimeout(
    () => setImmediate(() => setImmediate(() => asked.destroy())),
    timeoutMs,
  );
  asked.once('error', () => tell('-'));
  asked.once('close', () => {
    clearTimeout(giveUp);
    tell('-');
  });
}

let turn = 0;
let turnedAt = Date.now();
setInterval(() => {
  const now = Date.now();
  if (now - turnedAt > stallMs) stalledAt = now;
  turnedAt = now;
  ask(services[turn++ % services.length]);
}, everyMs / services.length);
