import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';

/** A network namespace that exists while the command runs; this needs no root. */
const inNewNetwork = `
  ip link set lo up && ip link add veth0 type veth peer name veth1 &&
  ip link set veth0 up && ip link set veth1 up && ip address add fe80::9/64 dev veth0 nodad &&
  exec "$0" "$1"`;

it('link-local addresses connect by their zone, and both ends report it', () => {
  const program = new URL('link-local.ts', import.meta.url).pathname;
  const words = ['-rn', 'sh', '-c', inNewNetwork, process.execPath, program];
  const zones: unknown = JSON.parse(
    execFileSync('unshare', words, { timeout: 120_000 }).toString(),
  );
  expect(zones).toEqual(['veth0', 'veth0', 'veth0', 'veth0']);
});
