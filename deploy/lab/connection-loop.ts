/**
 * Runs inside R1: keeps ten long downloads of the service address in its argument open, and ten clients that send it
 * ten requests a second over one connection each. Prints a line for each change: `open download` or `open keep-alive`
 * when the first octet of the answer has arrived, `cut download` or `cut keep-alive` when an open connection ended in
 * the middle. Each begins again half a second later.
 */
import { Agent, get } from 'node:http';
import { clientAddress } from './plan.ts';

const [, , host] = process.argv;
const clients = 10;
const askEveryMs = 100;
const againMs = 500;

function tell(what: 'open' | 'cut', kind: 'download' | 'keep-alive'): void {
  process.stdout.write(`${what} ${kind}\n`);
}

function download(): void {
  let isOpen = false;
  const asked = get(
    { host, path: '/long', localAddress: clientAddress, agent: false },
    (answer) => {
      isOpen = true;
      tell('open', 'download');
      answer.on('error', () => undefined).resume();
    },
  );
  asked.on('error', () => undefined);
  asked.once('close', () => {
    if (isOpen) tell('cut', 'download');
    setTimeout(download, againMs);
  });
}

function keepAlive(): void {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let isOpen = false;
  const ask = (): void => {
    const asked = get({ host, localAddress: clientAddress, agent }, (answer) => {
      if (!isOpen) tell('open', 'keep-alive');
      isOpen = true;
      answer.on('error', () => undefined).resume();
      answer.once('end', () => setTimeout(ask, askEveryMs));
    });
    asked.once('error', () => {
      if (isOpen) tell('cut', 'keep-alive');
      agent.destroy();
      setTimeout(keepAlive, againMs);
    });
  };
  ask();
}

for (let each = 0; each < clients; each++) {
  download();
  keepAlive();
}
