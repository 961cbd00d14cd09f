import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  fourOctetAsCapability,
  ipv4UnicastCapability,
  ipv6UnicastCapability,
  keepalive,
  MessageType,
  open,
} from '#support/raw-message.ts';
import { type Speaker, speakers } from './speakers.ts';
import type { Vector } from './vectors.ts';

/**
 * Records what real speakers send: `unshare --net node test/vectors/capture.ts` (as root) writes
 * captured.json, without the `json` that the vector test adds under UPDATE_GOLDEN=1. All runs in the
 * network namespace of this process, which ends with it.
 */
type Captured = Omit<Vector, 'json'>;

const ours = '10.0.0.1';
const listenPort = 1179;

const captured: Captured[] = [];
prepareNetwork();
for (const speaker of speakers) captured.push(...(await record(speaker)));
const target = new URL('captured.json', import.meta.url);
writeFileSync(target, `${JSON.stringify(captured, undefined, 2)}\n`);

function prepareNetwork(): void {
  const addresses = ['10.0.0.1/32', '10.0.0.4/32', '2001:db8:1::1/128', '2001:db8:1::4/128'];
  run('ip', ['link', 'set', 'lo', 'up']);
  for (const address of addresses) {
    run('ip', [
      'address',
      'add',
      address,
      'dev',
      'lo',
      ...(address.includes('::') ? ['nodad'] : []),
    ]);
  }
}

/** One session: the first table, a withdrawal, the end. */
async function record(speaker: Speaker): Promise<Captured[]> {
  const folder = mkdtempSync(join(tmpdir(), 'fingerpost-vectors-'));
  mkdirSync('/run/openbgpd', { recursive: true });
  const messages: Buffer[] = [];
  const waiting = speaker.dials ? accept() : undefined;
  writeFileSync(join(folder, 'config'), speaker.config(folder), { mode: 0o600 });
  for (const [file, text] of Object.entries(speaker.files ?? {})) {
    writeFileSync(join(folder, file), text, { mode: 0o755 });
  }
  const [command, ...argv] = speaker.start(folder);
  const daemon = spawn(command, argv, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...speaker.environment },
  });
  await sleep(2000);
  const socket = await (waiting ?? dial());
  speak(socket, speaker, messages);
  for (const step of speaker.steps(folder)) {
    await sleep(2500);
    for (const words of step) run(words[0], words.slice(1));
  }
  await sleep(1500);
  socket.destroy();
  daemon.kill('SIGTERM');
  await sleep(500);
  daemon.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
  return named(speaker, messages);
}

function named(speaker: Speaker, messages: readonly Buffer[]): Captured[] {
  const negotiated = {
    ...(speaker.twoOctet === true && { asnBytes: 2 as const }),
    ...(speaker.addPath && { addPath: speaker.addPath }),
    ...(speaker.extendedNextHopIpv4 === true && { extendedNextHopIpv4: true }),
  };
  const distinct = [...new Set(messages.map((message) => message.toString('hex')))];
  const typeNames = ['', 'OPEN', 'UPDATE', 'NOTIFICATION', 'KEEPALIVE', 'ROUTE-REFRESH'];
  return distinct.map((hex, index) => {
    const type = typeNames[Number.parseInt(hex.slice(36, 38), 16)];
    return { name: `${speaker.name} ${index + 1} ${type}`, from: speaker.from, ...negotiated, hex };
  });
}

function accept(): Promise<Socket> {
  return new Promise((resolve) => {
    const server = createServer((socket) => {
      server.close();
      resolve(socket);
    });
    server.listen(listenPort, ours);
  });
}

function dial(): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host: '10.0.0.4', port: 179, localAddress: ours });
    socket.once('connect', () => resolve(socket));
    socket.once('error', reject);
  });
}

/** OPEN at once, KEEPALIVE for each that comes; every message is kept. */
function speak(socket: Socket, speaker: Speaker, messages: Buffer[]): void {
  let pending = Buffer.alloc(0);
  socket.on('error', () => undefined);
  socket.write(ourOpen(speaker));
  socket.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 19 && pending.length >= pending.readUInt16BE(16)) {
      const message = pending.subarray(0, pending.readUInt16BE(16));
      pending = pending.subarray(message.length);
      messages.push(message);
      const answered = [MessageType.open, MessageType.keepalive] as number[];
      if (answered.includes(message[18])) socket.write(keepalive());
    }
  });
}

function ourOpen(speaker: Speaker): Buffer {
  const as4 = speaker.twoOctet === true ? [] : [fourOctetAsCapability(65003)];
  return open({
    as: 65003,
    holdTimeSec: 90,
    routerId: '1.1.1.2',
    capabilities: [
      ipv4UnicastCapability,
      ipv6UnicastCapability,
      [2, []],
      ...as4,
      ...(speaker.capabilities ?? []),
    ],
  });
}

function run(command: string, argv: readonly string[]): void {
  const { status, stderr } = spawnSync(command, argv, { encoding: 'utf8' });
  if (status !== 0) process.stderr.write(`${command} ${argv.join(' ')}: ${stderr}\n`);
}
