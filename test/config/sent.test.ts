import { expect, test } from 'vitest';
import { loadConfig } from '#config/load.ts';

const text = `router_id: 1.1.1.9
local_as: 65002
include: [/etc/passwd]
state_dir: /etc/shadow
control: { socket: /etc/shadow }
mrt: { updates: { directory: /etc/shadow } }
http: { token_file: /etc/shadow, tokens: [{ name: one, file: /etc/shadow, may: [all] }] }
peers:
  - { name: W1, address: 192.0.2.1, peer_as: 1, password_file: /etc/shadow }
  - { name: W2, address: 192.0.2.2, peer_as: 1, password_env: HOME }
`;

test('a configuration that is sent over HTTP may name no file and no environment variable', () => {
  const read: string[] = [];
  const host = {
    readFile: (path: string) => {
      read.push(path);
      return 'root:secret';
    },
    namesIn: () => [],
    exists: () => false,
    modeOf: () => 0o644,
    kindOf: (path: string) => {
      read.push(path);
      return 'other' as const;
    },
    env: (name: string) => {
      read.push(name);
      return 'value';
    },
  };
  const outcome = loadConfig('fp.yaml', { text, mayReadFiles: false, host });
  expect(outcome.ok).toBe(false);
  const messages = outcome.ok ? [] : outcome.problems.map(({ message }) => message);
  expect(messages.toSorted()).toEqual(
    ['file', 'include', 'password_env', 'password_file', 'token_file'].map(
      (key) => `${key}: not allowed in a configuration that is sent over HTTP`,
    ),
  );
  expect(read).toEqual([]);
});
