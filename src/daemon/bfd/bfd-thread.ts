/**
 * The thread in which BFD runs (bfd.ts starts it), so that a long slice of the daemon's own work ends no
 * session. It receives `BfdRequest`s and posts `BfdReport`s.
 */
import { randomInt } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import { systemClock } from '#clock.ts';
import { interfacesWithCarrier } from '#os/carrier.ts';
import { setThreadNice } from '#os/thread-priority.ts';
import { BfdEngine } from './bfd-engine.ts';
import type { BfdRequest } from './bfd-messages.ts';
import { BfdEars, openMouth } from './bfd-sockets.ts';

/** The daemon's other threads, which may be loading a million routes, do not delay it. */
const nice = -10;

/** At least 0 and below 1, from the kernel's generator. */
const random = (): number => randomInt(2 ** 47) / 2 ** 47;

setThreadNice(nice);
const engine = new BfdEngine({
  clock: systemClock,
  random,
  carriers: interfacesWithCarrier,
  openEars: (received) => new BfdEars(received),
  openMouth,
  report: (report) => parentPort?.postMessage(report, []),
});
parentPort?.on('message', (request: BfdRequest) => {
  engine.handle(request);
  if (request.kind === 'stop') parentPort?.close();
});
