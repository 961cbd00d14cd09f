import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { environment } from '#support/process.ts';
import type { Topology } from '../../deploy/containerlab/topology.ts';
import { hosts } from '../../deploy/lab/plan.ts';

const render = new URL('../../deploy/containerlab/render.ts', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'fingerpost-clab-'));
let lab: Topology['topology'];

beforeAll(() => {
  const argv = [render, folder];
  const file = execFileSync(process.execPath, argv, { encoding: 'utf8' }).trim();
  lab = (parse(readFileSync(file, 'utf8')) satisfies Topology).topology;
});
afterAll(() => rmSync(folder, { recursive: true }));

function each(pattern: string): string[] {
  return globSync(pattern, { cwd: folder }).toSorted();
}

/** Runs a program that may be missing here. */
function check(program: string, argv: readonly string[]): number | null | undefined {
  const { error, status, stderr } = spawnSync(program, argv, {
    env: environment,
    encoding: 'utf8',
  });
  if (error !== undefined) return undefined;
  if (status !== 0) console.warn(stderr);
  return status;
}

describe('the topology for containerlab', () => {
  test('has the hosts of the lab, each with an existing folder', () => {
    expect(Object.keys(lab.nodes)).toEqual(expect.arrayContaining(hosts.map(({ name }) => name)));
    const sources = Object.values(lab.nodes).flatMap(({ binds = [] }) =>
      binds.map((bind) => bind.split(':')[0]),
    );
    expect(sources.filter((source) => !existsSync(join(folder, source)))).toEqual([]);
    expect(sources).toHaveLength(Object.keys(lab.nodes).length);
  });

  test('has a cable for each interface, between existing nodes', () => {
    const ends = lab.links.flatMap(({ endpoints }) => endpoints);
    expect(ends.filter(({ node }) => !(node in lab.nodes))).toEqual([]);
    const names = ends.map((end) => `${end.node} ${end.interface}`);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toHaveLength(2 * hosts.flatMap(({ interfaces }) => interfaces).length);
    expect(ends.filter((end) => end.interface.length > 15)).toEqual([]); // IFNAMSIZ
  });
});

describe('the files of its hosts', () => {
  test('include scripts that a shell can parse', () => {
    const scripts = [...each('*/start.sh'), 'switch.sh'];
    expect(scripts).toHaveLength(hosts.length + 1);
    expect(scripts.filter((file) => check('sh', ['-n', join(folder, file)]) !== 0)).toEqual([]);
  });

  test.each([
    ['bird.conf', 'bird', ['-p', '-c']],
    ['bgpd.conf', '/usr/lib/frr/bgpd', ['--dryrun', '-f']],
  ] as const)('%s that its daemon takes', (name, program, argv) => {
    const files = each(`*/${name}`);
    expect(files.map((file) => basename(file))).toContain(name);
    const outcomes = files.map((file) => check(program, [...argv, join(folder, file)]));
    expect(outcomes.filter((status) => status !== 0 && status !== undefined)).toEqual([]);
  });
});
