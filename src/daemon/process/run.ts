import type { Queries } from '#api/queries.ts';
import type { StatusView } from '#api/views/status.ts';
import { type Clock, monotonicUsec } from '#clock.ts';
import type { Config } from '#config/config.ts';
import { makeStateDir } from '#history/state-file.ts';
import { lockStateDir } from '#history/state-lock.ts';
import { createLog } from '#log/log.ts';
import { sdNotify } from '#net/sd-notify.ts';
import { hasFreeDescriptor } from '#os/descriptors.ts';
import type { FileLock } from '#os/file-lock.ts';
import { watchHeap } from '#os/heap-watch.ts';
import { collectGarbage, mapLargeBlocks, trimMemory } from '#os/memory.ts';
import { messageOf } from '#text/message-of.ts';
import type { StartedFrom } from '../changes/kept-configs.ts';
import { Daemon } from '../daemon.ts';
import { watchDescriptors } from './descriptor-watch.ts';
import { HttpSide } from './http-side.ts';
import { become, userToBecome } from './privileges.ts';
import { Progress } from './progress.ts';
import { handedOver } from './socket-activation.ts';
import { Systemd } from './systemd.ts';

/**
 * For how long, at most, V8's threads go on compiling what the start has run often. What they give back to the
 * allocator meanwhile is 5 to 8 MB on an idle machine, which stay with the process unless they are trimmed.
 */
const compilingMs = 5000;

export interface RunOptions {
  readonly clock: Clock;
  readonly version: string;
  readonly revision: string;
  readonly startedFrom: StartedFrom;
}

/** A running daemon, with everything that watches it. */
export interface Running {
  /** For SIGHUP. */
  reload(): void;
  /** A signal arrived that is ignored; it is only logged. */
  ignored(signal: string): void;
  /** For SIGTERM, SIGINT and SIGQUIT: sends Cease to all peers and closes everything, once. */
  stop(): Promise<void>;
  /** For an uncaught error: logs it, sends Cease to all peers and ends. */
  fail(error: unknown): void;
  /** Settles when the daemon has ended: true after `stop`, false if there was an internal error. */
  readonly ended: Promise<boolean>;
}

/**
 * Starts everything. First it makes sure that no other daemon runs on the same control socket or `state_dir`. Then
 * every socket is bound, including those of HTTP long before its libraries are loaded, which takes half of the start;
 * connections wait in the queues meanwhile. Then the rights that this needed are given up, and only then are
 * connections accepted and peers dialled. Rejects with an error that the operator can fix if something cannot be
 * opened; then the error is logged, nothing is left open, and no peer has been contacted.
 */
export async function runDaemon(
  config: Config,
  { clock, version, revision, startedFrom }: RunOptions,
): Promise<Running> {
  mapLargeBlocks();
  const { promise: ended, resolve: end } = Promise.withResolvers<boolean>();
  const { user, stateDir } = config;
  const becoming = user === undefined ? undefined : userToBecome(user);
  const handedSockets = handedOver(process.env, process.pid);
  const daemon = new Daemon(config, {
    clock,
    version,
    handedSockets,
    startedFrom,
    ...(process.env.NOTIFY_SOCKET !== undefined && { store: sdNotify }),
    onFatal: () => fatal(),
  });
  const log = await createLog(config.log, daemon.events);
  const fatal = (): void => {
    log.close();
    end(false);
  };
  const http = new HttpSide(daemon, log, revision, () => void running.stop());
  let stateLock: FileLock | undefined;
  try {
    await http.bindControl(config);
    if (becoming !== undefined && stateDir !== undefined) makeStateDir(stateDir, becoming);
    if (stateDir !== undefined) stateLock = lockStateDir(stateDir);
    daemon.bind();
    http.bindTcp(config);
    await http.open(config);
    if (becoming !== undefined) {
      http.giveControlTo(becoming);
      stateLock?.giveTo(becoming);
      become(becoming);
    }
    await daemon.start();
  } catch (error) {
    const text = messageOf(error);
    daemon.events.emit({ event: 'start_failed', text });
    daemon.close();
    await http.close();
    stateLock?.release();
    log.close();
    throw error;
  }
  const systemd = notifiedSystemd(daemon, http.queries);
  systemd.ready();
  const unwatchHeap = watchHeap((text) => daemon.internalError(outOfMemory(text), true));
  const unwatchDescriptors = watchDescriptors(clock, hasFreeDescriptor, (text) =>
    daemon.events.emit({ event: 'warning', text }),
  );
  daemon.stalls.start();
  collectGarbage();
  trimMemory();
  const cancelTrim = clock.after(compilingMs, trimMemory);
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    cancelTrim();
    unwatchHeap();
    unwatchDescriptors();
    daemon.stalls.stop();
    systemd.stopping();
    await daemon.stop();
    await http.close();
    stateLock?.release();
    log.close();
    end(!daemon.isBroken);
  };
  const running: Running = {
    reload: () => void systemd.reloading(() => http.commands.reload({ by: { signal: 'SIGHUP' } })),
    ignored: (signal) => {
      const text = `${signal} is ignored; use SIGHUP to reload and SIGTERM to stop`;
      daemon.events.emit({ event: 'warning', text });
    },
    stop: () => (stopping ??= stop()),
    fail: (error) => daemon.internalError(error, true),
    ended,
  };
  return running;
}

/** This is no bug in the code, so where it was noticed does not matter. */
function outOfMemory(text: string): Error {
  const error = new Error(text);
  delete error.stack;
  return error;
}

/** Keeps systemd informed; does nothing without it. */
function notifiedSystemd(daemon: Daemon, queries: Queries): Systemd {
  const { clock, events } = daemon;
  const progress = new Progress(daemon.rib);
  const systemd = new Systemd({
    clock,
    env: process.env,
    pid: process.pid,
    send: sdNotify,
    monotonicUsec,
    isHealthy: () => progress.isMade(),
    status: () => statusText(queries.status()),
    warn: (text) => events.emit({ event: 'warning', text }),
  });
  events.subscribe(({ event }) => {
    if (event === 'peer_up' || event === 'peer_down') systemd.statusChanged();
  });
  return systemd;
}

/** Returns `ready; 7 of 8 peers established; 9 paths to 3 prefixes`. */
function statusText({ ready, peers, rib }: StatusView): string {
  const sessions = `${peers.established} of ${peers.configured} peers established`;
  return `${ready ? 'ready' : 'not ready'}; ${sessions}; ${rib.paths} paths to ${rib.prefixes} prefixes`;
}
