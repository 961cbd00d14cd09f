import { type StartThread, startThreadBeside } from '../kept-thread.ts';
import type { ProbeRequest, ProbeResult } from './probe-messages.ts';

export const startProbeThread: StartThread<ProbeRequest, ProbeResult> = (handlers) =>
  startThreadBeside(import.meta.url, 'probe-thread', handlers);
