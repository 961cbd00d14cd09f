import { extname } from 'node:path';
import { startThread, type StartThread } from '../kept-thread.ts';
import type { ProbeRequest, ProbeResult } from './probe-messages.ts';

export const startProbeThread: StartThread<ProbeRequest, ProbeResult> = (handlers) =>
  // Beside this file in the sources, beside the program in the bundle.
  startThread(new URL(`./probe-thread${extname(import.meta.url)}`, import.meta.url), handlers);
