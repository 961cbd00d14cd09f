import type { Config } from '#config/config.ts';
import { loadConfig, type LoadOutcome } from '#config/load.ts';
import type { ConfigHost } from '#yaml/host.ts';

type Files = Readonly<Record<string, string>>;
/** Permission bits by path; those of any other file are 0600. */
type Modes = Readonly<Record<string, number>>;

/** A machine with these files and this environment. */
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
    env: (name) => env[name],
  };
}

export const mainFile = '/etc/fp.yaml';

export function load(text: string, files: Files = {}, env: Files = {}): LoadOutcome {
  return loadConfig(mainFile, { host: hostOf({ [mainFile]: text, ...files }, env) });
}

/** The configuration of a text that must be right. */
export function configOf(text: string, files: Files = {}, env: Files = {}): Config {
  const outcome = load(text, files, env);
  if (outcome.ok) return outcome.config;
  throw new Error(problemsOf(text, files, env).join('\n'));
}

/** `line:column message`, with the file in front when it is not the main one. */
export function problemsOf(text: string, files: Files = {}, env: Files = {}): string[] {
  const outcome = load(text, files, env);
  if (outcome.ok) return [];
  return outcome.problems.map(({ file, line, column, message }) => {
    const where = file === mainFile ? '' : `${file}:`;
    return `${where}${line}:${column} ${message}`;
  });
}

/** The least that runs; what follows stands on line 3. */
export function minimal(rest = ''): string {
  return `router_id: 1.1.1.9\nlocal_as: 65002\n${rest}`;
}

/** A minimal configuration with one peer that has these keys besides. */
export function withPeer(keys: string): string {
  return minimal(
    `peers:\n  - { address: 192.0.2.1, peer_as: 65001${keys === '' ? '' : `, ${keys}`} }\n`,
  );
}
