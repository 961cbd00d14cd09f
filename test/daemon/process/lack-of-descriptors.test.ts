import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { freePort } from '#support/free-port.ts';
import { waitFor } from '#support/wait.ts';
import { DaemonProcess } from '../process.ts';

const inWords = 'no file descriptor is free; raise LimitNOFILE= of the unit';

let daemon: DaemonProcess | undefined;
afterEach(async () => {
  await daemon?.close();
  daemon = undefined;
});

/** Limits how many more files and sockets the process may open. */
function leave(pid: number, spare: number): void {
  const used = new Set(readdirSync(`/proc/${pid}/fd`).map(Number));
  const free = Array.from({ length: 1024 }, (_, fd) => fd).filter((fd) => !used.has(fd));
  execFileSync('prlimit', ['--pid', String(pid), `--nofile=${free[spare]}:`]);
}

/**
 * Has the daemon reload with so few left, and returns what it logs when that is refused. A descriptor that it closes
 * between the count and the reload is one too many, so there are several attempts.
 */
async function refusalWith(spare: number, running: DaemonProcess): Promise<string> {
  for (let attempt = 0; attempt < 5; attempt++) {
    const before = running.output.length;
    leave(running.child.pid ?? 0, spare);
    running.child.kill('SIGHUP');
    const said = await outputWith(running, before, /config_(refused|loaded)/);
    if (said.includes('config_refused')) return said;
  }
  throw new Error(`no reload was refused: ${running.output}`);
}

/** Waits for this in the output after so many characters, and returns what comes after those. */
function outputWith(running: DaemonProcess, from: number, pattern: RegExp): Promise<string> {
  const look = (): string => running.output.slice(from);
  return waitFor(String(pattern), look, (text) => pattern.test(text));
}

describe('a reload that finds no file descriptor free', () => {
  it.each([0, 2, 5])(
    'with %i left: it is refused in words, and the daemon goes on',
    async (spare) => {
      const port = await freePort();
      daemon = new DaemonProcess(`listen: ['127.0.0.9:${port}']\n`);
      await daemon.ready();
      // It answers before it has opened everything.
      await outputWith(daemon, 0, /"what":"bgp"/);
      expect(await refusalWith(spare, daemon)).toContain(inWords);
      const before = daemon.output.length;
      execFileSync('prlimit', ['--pid', String(daemon.child.pid), '--nofile=1024:']);
      daemon.child.kill('SIGHUP');
      await outputWith(daemon, before, /config_loaded/);
      expect(daemon.child.exitCode).toBeNull();
    },
  );
});

const sources = new URL('../../../src/', import.meta.url);

/** Returns the message of a program that uses up all descriptors and then runs `line`, which fails. */
function failureOf(imports: string, line: string): string {
  const program = `
    import { openSync } from 'node:fs';
    ${imports}
    localAddress(openPlainListener({ address: new Uint8Array(4), port: 0 }));
    try { for (;;) openSync('/dev/null'); } catch {}
    try { ${line}; console.log('it works'); } catch (error) { console.log(error.message); }`;
  const { stdout } = spawnSync(
    'sh',
    ['-c', 'ulimit -n 64; exec "$@"', 'sh', process.execPath, '--input-type=module', '-e', program],
    { encoding: 'utf8' },
  );
  return stdout;
}

describe('a listener that finds no file descriptor free', () => {
  const socket = `import { localAddress, openPlainListener } from '${sources.href}net/socket.ts';`;
  const rows = [
    [
      'BGP',
      'net/listener.ts',
      'Listener',
      'Listener.bind(everyAddress(0), { keys: [], minTtls: [] })',
    ],
    ['BGP, of a reload', 'net/listener.ts', 'Listener', 'await listener.change(everyAddress(0))'],
    ['HTTP', 'http/listen/bound-sockets.ts', 'bindTcp', "bindTcp({ host: '127.0.0.1', port: 0 })"],
    [
      'the control socket',
      'http/listen/control-socket.ts',
      'bindControl',
      "await bindControl('/tmp/fingerpost-none.sock')",
    ],
  ];
  it.each(rows)('%s: says so and what to do', (what, file, name, line) => {
    const more = name === 'Listener' ? ', everyAddress' : '';
    const before = what.includes('reload')
      ? '\nconst listener = Listener.bind([], { keys: [], minTtls: [] });'
      : '';
    const imports = `${socket}\nimport { ${name}${more} } from '${sources.href}${file}';${before}`;
    expect(failureOf(imports, line)).toMatch(new RegExp(`^cannot listen on .*: ${inWords}`));
  });
});
