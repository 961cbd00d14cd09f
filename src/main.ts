#!/usr/bin/env node
import { compiledWhole } from './engine.ts';
import { runCli } from '#cli/cli.ts';
import { problemLines } from '#cli/problems.ts';
import { systemClock } from '#clock.ts';
import type { Look } from '#demo/look.ts';
import packageJson from '../package.json' with { type: 'json' };

/** The daemon and the demo are loaded by those who run them: the other commands start fast. */
const { version } = packageJson;
const revision = 'revision' in packageJson ? String(packageJson.revision) : 'unknown';
const { stdout, stderr, env, argv } = process;
const stopped = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopped.abort());
/** A process that the demo started ends with it, however that ended. */
process.on('disconnect', () => stopped.abort());
if (process.connected === false) stopped.abort();

/** Who reads our output may have seen enough: `fingerpost show route | head`. */
stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 70);
});

async function run({ config }: { config: string }): Promise<number> {
  const { runCommand } = await import('#daemon/process/run-command.ts');
  return runCommand({
    config,
    version,
    revision,
    clock: systemClock,
    compiled: compiledWhole,
    signal: stopped.signal,
    onHangUp: (reload) => process.on('SIGHUP', reload),
    onBug: (handle) => {
      process.on('uncaughtException', handle);
      process.on('unhandledRejection', handle);
    },
    problems: (problems) => stderr.write(`${problemLines(problems).join('\n')}\n`),
    warn: (text) => stderr.write(`fingerpost: ${text}\n`),
  });
}

async function demo(words: readonly string[], look: Look): Promise<number> {
  const { demo: runDemo } = await import('#demo/demo.ts');
  process.on('SIGHUP', () => stopped.abort());
  return runDemo(words, {
    stdin: process.stdin,
    stdout,
    stderr,
    isDumb: env.TERM === 'dumb',
    clock: systemClock,
    signal: stopped.signal,
    program: argv[1],
    look,
  });
}

const status = await runCli(argv.slice(2), {
  stdout,
  stderr,
  env,
  version,
  clock: systemClock,
  signal: stopped.signal,
  run,
  demo,
});
process.exit(status);
