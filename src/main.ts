#!/usr/bin/env node
import { runCli } from '#cli/cli.ts';
import { problemLines } from '#cli/problems.ts';
import { systemClock } from '#clock.ts';
import type { Look } from '#demo/look.ts';
import packageJson from '../package.json' with { type: 'json' };
import { compiledWhole } from './engine.ts';
import { nodeFault } from './node-version.ts';
import { leaveUntaken, onEnd, onHangUp, onIgnored } from './signals.ts';

/** The daemon and the demo are loaded only by the commands that run them, so that the other commands start fast. */
const { version } = packageJson;
const revision = 'revision' in packageJson ? String(packageJson.revision) : 'unknown';
const { stdout, stderr, env, argv } = process;
const fault = nodeFault(process.versions.node, packageJson.engines.node);
if (fault !== undefined) {
  stderr.write(`fingerpost: ${fault}\n`);
  process.exit(1);
}
const stopped = new AbortController();
/**
 * From now on SIGINT, SIGTERM and SIGQUIT ask the command to end instead of ending the process. This is for the daemon,
 * the demo and `monitor`; any other command is ended by these signals with 130 and 143, even while it computes.
 */
function takeSignals(): AbortSignal {
  onEnd(() => stopped.abort());
  return stopped.signal;
}
/** A process that the demo started ends with it, for whatever reason the demo ends. */
process.on('disconnect', () => stopped.abort());
if (process.connected === false) stopped.abort();

/** For the daemon a SIGHUP is a request to reload, however early it arrives. */
let isDaemon = false;

/**
 * Whether stdout may still have a reader. The reader may have closed the pipe, as in `fingerpost show trouble | head -1`.
 * The command then goes on to its own exit status, because that may be the result of a check or a change; only what
 * runs until it is interrupted ends.
 */
let hasReader = true;
stdout.on('error', (error: NodeJS.ErrnoException) => {
  // EIO: a terminal that has been closed.
  if (!hasReader || error.code === 'EPIPE' || (error.code === 'EIO' && stdout.isTTY)) {
    hasReader = false;
    if (!isDaemon) stopped.abort();
    return;
  }
  // For example `> /dev/full`.
  stderr.write(`fingerpost: the output cannot be written: ${error.message}\n`);
  process.exit(1);
});
/** What stderr does not take can be said nowhere; the exit status still says how the command ended. */
stderr.on('error', () => undefined);

/**
 * Resolves once the reader has taken everything, because leaving earlier would cut off what a pipe cannot hold yet. If
 * nothing is pending nothing is written, because the daemon's log writes to the same output by itself.
 */
function drained(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.writableLength > 0) stream.write('', () => resolve());
    else process.nextTick(resolve);
  });
}

async function run({ config }: { config: string }): Promise<number> {
  isDaemon = true;
  const signal = takeSignals();
  const { runCommand } = await import('#daemon/process/run-command.ts');
  return runCommand({
    config,
    version,
    revision,
    clock: systemClock,
    compiled: compiledWhole,
    signal,
    onHangUp,
    onIgnored,
    onBug: (handle) => {
      process.on('uncaughtException', handle);
      process.on('unhandledRejection', handle);
    },
    problems: (problems) => stderr.write(`${problemLines(problems).join('\n')}\n`),
    warn: (text) => stderr.write(`fingerpost: ${text}\n`),
  });
}

async function demo(words: readonly string[], look: Look): Promise<number> {
  const signal = takeSignals();
  onHangUp(() => stopped.abort());
  const { demo: runDemo } = await import('#demo/demo.ts');
  return runDemo(words, {
    stdin: process.stdin,
    stdout,
    stderr,
    isDumb: env.TERM === 'dumb',
    clock: systemClock,
    signal,
    program: argv[1],
    look,
  });
}

const ended = runCli(argv.slice(2), {
  stdout,
  stderr,
  env,
  version,
  clock: systemClock,
  hasReader: () => hasReader,
  takeSignals,
  run,
  demo,
});
// To all other commands it means that their terminal has gone.
if (!isDaemon) leaveUntaken();
const status = await ended;
await Promise.all([drained(stdout), drained(stderr)]);
process.exit(status);
