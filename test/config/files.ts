import type { Config } from '#config/config.ts';
import { loadConfig, type LoadOutcome } from '#config/load.ts';
import type { ConfigHost } from '#yaml/host.ts';

type Files = Readonly<Record<string, string>>;
/** Permission bits by path; those of any other file are 0600. */
type Modes = Readonly<Record<string, number>>;

/** Returns a host with these files and this environment. */
export function hostOf(files: Files, env: Files = {}, modes: Modes = {}): ConfigHost {
  return {
    readFile: (path) => {
      if (Object.hasOwn(files, path)) return files[path];
      throw Object.assign(new Error(path), { code: 'ENOENT' });
    },
    namesIn: (folder) => {
      const inFolder = Object.keys(files).filter((path) => path.startsWith(`${folder}/`));
      if (inFolder.length === 0) throw Object.assign(new Error(folder), { code: 'ENOENT' });
      return [...new Set(inFolder.map((path) => path.slice(folder.length + 1).split('/')[0]))];
    },
    exists: (path) => Object.keys(files).some((file) => `${file}/`.startsWith(`${path}/`)),
    modeOf: (path) => modes[path] ?? 0o600,
    kindOf: () => 'absent',
    env: (name) => env[name],
  };
}

export const mainFile = '/etc/fp.yaml';

export function load(text: string, files: Files = {}, env: Files = {}): LoadOutcome {
  return loadConfig(mainFile, { host: hostOf({ [mainFile]: text, ...files }, env) });
}

/** Returns the configuration of a text that must have no fault. */
export function configOf(text: string, files: Files = {}, env: Files = {}): Config {
  const outcome = load(text, files, env);
  if (outcome.ok) return outcome.config;
  throw new Error(problemsOf(text, files, env).join('\n'));
}

/** Returns `line:column message` for each fault, after the file if it is not the main one. */
export function problemsOf(text: string, files: Files = {}, env: Files = {}): string[] {
  const outcome = load(text, files, env);
  if (outcome.ok) return [];
  return outcome.problems.map(({ file, line, column, message }) => {
    const where = file === mainFile ? '' : `${file}:`;
    return `${where}${line}:${column} ${message}`;
  });
}

/** Returns the smallest valid configuration; what is added begins on line 3. */
export function minimal(rest = ''): string {
  return `router_id: 1.1.1.9\nlocal_as: 65002\n${rest}`;
}

/** Returns the smallest configuration with a peer, which also has these keys. */
export function withPeer(keys: string): string {
  return minimal(
    `peers:\n  - { address: 192.0.2.1, peer_as: 65001${keys === '' ? '' : `, ${keys}`} }\n`,
  );
}
