import { request } from 'node:http';
import { connect } from 'node:net';
import type { Cancel, Clock } from '#clock.ts';
import type { ProbeResult, ProbeTarget } from './probe-messages.ts';

/** How many probes run at a time; others wait for their turn. */
const mostAtOnce = 64;
/** How much of an answer is read: it only matters whether there is one. */
const mostBytes = 64 * 1024;

/** A failure that is seen this much later than the timeout says nothing: it was us who did not run. */
const stallMs = 100;

type Outcome = Omit<ProbeResult, 'key'>;

/**
 * Probes targets, each at its interval with a tenth of jitter, so that they do not all run at once. After a stall of
 * this process, timers end probes whose answers have not been read yet: such a probe is repeated once.
 */
export class Prober {
  private readonly clock: Clock;
  private readonly random: () => number;
  private readonly report: (result: ProbeResult) => void;
  private readonly timers = new Map<string, { readonly target: ProbeTarget; cancel: Cancel }>();
  private readonly waiting: ProbeTarget[] = [];
  /** The keys of targets whose probe is being repeated. */
  private readonly repeated = new Set<string>();
  private underWay = 0;

  /** `random` returns a number of at least 0 and below 1. */
  constructor(clock: Clock, random: () => number, report: (result: ProbeResult) => void) {
    this.clock = clock;
    this.random = random;
    this.report = report;
  }

  /** From now on these and no other targets are probed; those that have not changed keep their turn. */
  setTargets(targets: readonly ProbeTarget[]): void {
    const wanted = new Map(targets.map((target) => [target.key, target]));
    for (const [key, { target, cancel }] of this.timers) {
      if (JSON.stringify(wanted.get(key)) === JSON.stringify(target)) continue;
      cancel();
      this.timers.delete(key);
      this.repeated.delete(key);
    }
    for (const target of targets) {
      if (!this.timers.has(target.key)) this.plan(target, this.random() * target.intervalMs);
    }
  }

  private plan(target: ProbeTarget, waitMs: number): void {
    const cancel = this.clock.after(waitMs, () => {
      this.plan(target, target.intervalMs * (0.95 + this.random() / 10));
      this.want(target);
      this.next();
    });
    this.timers.set(target.key, { target, cancel });
  }

  private want(target: ProbeTarget): void {
    if (this.waiting.every(({ key }) => key !== target.key)) this.waiting.push(target);
  }

  private next(): void {
    if (this.underWay >= mostAtOnce) return;
    const target = this.waiting.shift();
    if (target === undefined) return;
    this.underWay++;
    const probe = target.kind === 'tcp' ? probeTcp : probeHttp;
    const dueMs = this.clock.monotonic() + target.timeoutMs;
    void probe(target).then((outcome) => {
      this.underWay--;
      if (this.timers.has(target.key)) this.judge(target, outcome, this.clock.monotonic() - dueMs);
      this.next();
    });
  }

  private judge(target: ProbeTarget, outcome: Outcome, latenessMs: number): void {
    const { key } = target;
    const isOurFault = !outcome.isOk && latenessMs > stallMs && !this.repeated.has(key);
    if (isOurFault) {
      this.repeated.add(key);
      return this.want(target);
    }
    this.repeated.delete(key);
    this.report({ key, ...outcome });
  }
}

/** Returns whether a connection can be opened. */
function probeTcp(target: ProbeTarget): Promise<Outcome> {
  const { address: host, port, timeoutMs, source: localAddress } = target;
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  const socket = connect({ host, port, timeout: timeoutMs, ...(localAddress && { localAddress }) });
  socket.once('connect', () => resolve(answered));
  socket.once('timeout', () => resolve(tooLate(timeoutMs)));
  socket.once('error', (error) => resolve(failed(error)));
  return promise.finally(() => socket.destroy());
}

/** Returns whether a GET is answered with an expected status; redirects are not followed and proxies not used. */
function probeHttp(target: ProbeTarget): Promise<Outcome> {
  const { address, port, path, expect, timeoutMs, source: localAddress } = target;
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  const signal = AbortSignal.timeout(timeoutMs);
  const asked = request({
    host: address,
    port,
    path,
    signal,
    agent: false,
    headers: { host: target.host ?? hostOf(address, port), 'user-agent': 'fingerpost' },
    ...(localAddress !== undefined && { localAddress }),
  });
  asked.once('error', (error) => resolve(signal.aborted ? tooLate(timeoutMs) : failed(error)));
  asked.once('response', (response) => {
    const { statusCode = 0 } = response;
    const isOk = statusCode >= expect.min && statusCode <= expect.max;
    const outcome = isOk ? answered : { isOk, text: `status ${statusCode}` };
    let bytes = 0;
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > mostBytes) resolve(outcome);
    });
    response.once('end', () => resolve(outcome));
    response.once('error', () => resolve(signal.aborted ? tooLate(timeoutMs) : outcome));
  });
  asked.end();
  return promise.finally(() => asked.destroy());
}

const answered: Outcome = { isOk: true, text: 'answers' };

function tooLate(timeoutMs: number): Outcome {
  return { isOk: false, text: `no answer within ${timeoutMs} ms` };
}

function failed(error: Error): Outcome {
  return { isOk: false, text: error.message };
}

function hostOf(address: string, port: number): string {
  const name = address.includes(':') ? `[${address}]` : address;
  return port === 80 ? name : `${name}:${port}`;
}
