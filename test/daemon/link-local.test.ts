import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';

/** A network namespace that exists while the command runs; this needs no root. */
const inNewNetwork = `
  ip link set lo up &&
  for pair in "veth0 veth1" "veth2 veth3"; do
    set -- $pair "$@" && ip link add $1 type veth peer name $2 &&
    ip link set $1 up && ip link set $2 up &&
    ip address add fe80::9/64 dev $1 nodad && ip address add fe80::1/64 dev $2 nodad &&
    shift 2 || exit 1
  done
  exec "$0" "$1"`;

it('two peers with one link-local address are distinguished by their interfaces', () => {
  const program = new URL('link-local.ts', import.meta.url).pathname;
  const words = ['-rn', 'sh', '-c', inNewNetwork, process.execPath, program];
  const seen: unknown = JSON.parse(execFileSync('unshare', words, { timeout: 120_000 }).toString());
  expect(seen).toEqual({
    state: 'established',
    address: 'fe80::1%veth0',
    local_address: 'fe80::9%veth0',
    far: 'fe80::1%veth2',
    callers: ['fe80::9%veth3'],
  });
});
