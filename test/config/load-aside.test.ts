import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { systemClock } from '#clock.ts';
import { canonical } from '#config/canonical.ts';
import { fingerprintOf } from '#config/fingerprint.ts';
import { loadAside } from '#config/load-aside.ts';
import { loadConfig, type LoadOutcome } from '#config/load.ts';
import { packed } from '#config/pack.ts';
import { plan, planProcess } from '#config/plan.ts';
import { preparedPrefixes } from '#config/prepared-prefixes.ts';
import type { Policy } from '#policy/policy.ts';
import { prefixSetOf } from '#policy/rule-table.ts';
import { ManualClock } from '#support/manual-clock.ts';
import { minimal } from './files.ts';

const folder = mkdtempSync(join(tmpdir(), 'fp-aside-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

function configOf(outcome: LoadOutcome) {
  if (outcome.ok) return outcome.config;
  throw new Error(JSON.stringify(outcome.problems));
}

/** Returns the policies with the patterns of rules as lists, however they are stored. */
function listed(policies: readonly Policy[]): unknown {
  return policies.map(({ name, rules }) => ({
    name,
    rules: rules.map(({ match: { prefix, ...match }, ...rule }) => ({
      ...rule,
      match: { ...match, prefix: [...(prefix ?? [])] },
    })),
  }));
}

const whole = minimal(`http: { listen: [], token_file: token }
policies:
  p: [{ match: { prefix: [192.0.2.0/24+], med: 0-499 }, then: accept }]
peers:
  - { name: A, address: 192.0.2.1, peer_as: 65001, import: [p], password: first }
  - { name: B, address: 192.0.2.2, peer_as: 65001, import: [p], export: all }
peer_ranges: [{ range: 192.0.2.128/25, peer_as: 65001, password: second }]
services: [{ name: web, prefix: 192.0.2.0/24+ }]
`);

/** Leaves out what costs hardly any time to send: buffers are transferred, and texts are copied fast. */
function withoutBulk(_key: string, value: unknown): unknown {
  return ArrayBuffer.isView(value) || typeof value === 'string' ? '' : value;
}

describe('a configuration that is loaded aside', () => {
  test('is the same as one that is loaded here, its secrets and shared policies included', async () => {
    fileOf('token', 'third\n');
    const file = fileOf('whole.yaml', whole);
    const here = configOf(loadConfig(file));
    const aside = configOf(await loadAside({ file, clock: systemClock }));
    expect(aside).toEqual(here);
    expect(aside.hash).toBe(here.hash);
    expect(aside.peers[0].password?.reveal()).toBe('first');
    expect(aside.peerRanges[0].password?.reveal()).toBe('second');
    expect(aside.http.tokens[0].secret.reveal()).toBe('third');
    expect(aside.peers[1].import).toEqual([aside.policies[0]]);
    expect(aside.peers[1].import[0]).toBe(aside.policies[0]);
    expect(preparedPrefixes(aside.policies)).toEqual(prefixSetOf(here.policies));
    expect(preparedPrefixes(here.policies)).toBeUndefined();
    expect(fingerprintOf(aside.policies[0])).toBe(fingerprintOf(here.policies[0]));
    expect(plan(here, aside).every(({ why }) => why.length === 0)).toBe(true);
    expect(planProcess(here, aside)).toEqual([]);
  });

  test('has the patterns of a long rule, in less space', async () => {
    const texts = ['0.0.0.0/0', '255.255.255.255/32', '10.0.0.0/8{16,24}', '192.0.2.0/24+'];
    const wide = ['::/0{0,128}', '2001:db8:8000:1::/64{48,128}', 'ffff:ffff:ffff:ffff::/64'];
    const many = Array.from({ length: 20 }, (_, at) => `10.${at}.0.0/16`);
    const rules = `[{ match: { prefix: ["${[...texts, ...wide, ...many].join('", "')}"], med: 0 } }]`;
    const file = fileOf('patterns.yaml', minimal(`policies: { p: ${rules} }\n`));
    const here = configOf(loadConfig(file));
    const aside = configOf(await loadAside({ file, clock: systemClock }));
    expect(aside.policies[0].rules[0].match.prefix).not.toBeInstanceOf(Array);
    expect(listed(aside.policies)).toEqual(listed(here.policies));
    expect(canonical(aside.policies)).toBe(canonical(here.policies));
    expect(prefixSetOf(aside.policies)).toEqual(prefixSetOf(here.policies));
  });

  test('comes back in small parts', async () => {
    const prefixes = Array.from({ length: 10_000 }, (_, at) => `10.${at >> 8}.${at & 255}.0/24`);
    const peers = Array.from(
      { length: 500 },
      (_, at) =>
        `  - { name: P${at}, address: 10.0.${at >> 8}.${at & 255}, peer_as: 1, import: p }\n`,
    );
    const rules = Array.from({ length: 500 }, (_, at) => `{ match: { med: ${at} } }`);
    const file = fileOf(
      'large.yaml',
      minimal(
        `policies: { p: [{ match: { prefix: [${prefixes.join()}] } }, ${rules.join()}] }\n` +
          `peers:\n${peers.join('')}`,
      ),
    );
    const here = loadConfig(file);
    const parts = [...packed(here)];
    const sizes = parts.map(({ content }) => JSON.stringify(content, withoutBulk).length);
    expect(parts.length).toBeGreaterThan(10);
    expect(Math.max(...sizes)).toBeLessThan(300_000);
    const aside = configOf(await loadAside({ file, clock: systemClock }));
    expect(aside.peers.map(({ name }) => name)).toEqual(peers.map((_, at) => `P${at}`));
    expect(aside.policies[0].rules.length).toBe(501);
    expect(aside.asWritten).toEqual(configOf(here).asWritten);
  });

  test('has the same faults', async () => {
    const file = fileOf('faults.yaml', whole.replace('med:', 'mde:').replace('[p]', '[q]'));
    expect(await loadAside({ file, clock: systemClock })).toEqual(loadConfig(file));
    const text = minimal('x: 1\n');
    expect(await loadAside({ file, text, clock: systemClock })).toEqual(loadConfig(file, { text }));
  });

  test('leaves the event loop free', async () => {
    const prefixes = Array.from({ length: 20_000 }, (_, at) => `10.${at >> 8}.${at & 255}.0/24`);
    const file = fileOf(
      'long.yaml',
      minimal(`policies: { p: [{ match: { prefix: [${prefixes.join()}] } }] }\n`),
    );
    let turns = 0;
    let isDone = false;
    const turn = (): void => {
      turns++;
      if (!isDone) systemClock.soon(turn);
    };
    turn();
    const outcome = await loadAside({ file, clock: systemClock });
    isDone = true;
    expect(outcome.ok).toBe(true);
    expect(turns).toBeGreaterThan(20);
  });

  test('is given up after 30 s', async () => {
    const clock = new ManualClock({ soon: 'real' });
    const loading = loadAside({ file: fileOf('whole.yaml', whole), clock });
    clock.advance(30_000);
    expect(await loading).toMatchObject({
      ok: false,
      problems: [{ message: 'not loaded within 30 s; check that this is a configuration file' }],
    });
  });

  test('is given up when the process is to stop', async () => {
    const stopped = new AbortController();
    const file = fileOf('whole.yaml', whole);
    const loading = loadAside({ file, clock: systemClock, signal: stopped.signal });
    stopped.abort();
    expect((await loading).ok).toBe(false);
  });

  test('is refused if it is a FIFO, which would never end', async () => {
    const file = join(folder, 'fifo');
    execFileSync('mkfifo', [file]);
    expect(await loadAside({ file, clock: systemClock })).toMatchObject({
      ok: false,
      problems: [{ message: 'cannot be read: it is not a regular file' }],
    });
  });
});
