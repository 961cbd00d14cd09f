import { parseDocument } from 'yaml';
import { fileFailure } from '#text/file-failure.ts';
import { besides, type ConfigHost, nodeHost } from './read/host.ts';

export type SocketOutcome =
  /** `socket` is absent if the file does not set it. */
  { readonly ok: true; readonly socket?: string } | { readonly ok: false; readonly reason: string };

/** Reads only `control.socket` of a configuration: other errors in the file do not matter here. */
export function controlSocketIn(file: string, host: ConfigHost = nodeHost): SocketOutcome {
  const { path, ...outcome } = pathIn(file, ['control', 'socket'], host);
  return outcome.ok && path !== undefined ? { ok: true, socket: path } : outcome;
}

/** Reads only `state_dir` of a configuration; `undefined` if it is not set, or the file is not readable. */
export function stateDirIn(file: string, host: ConfigHost = nodeHost): string | undefined {
  return pathIn(file, ['state_dir'], host).path;
}

type PathOutcome = ({ readonly ok: true } | { readonly ok: false; readonly reason: string }) & {
  readonly path?: string;
};

function pathIn(file: string, keys: readonly string[], host: ConfigHost): PathOutcome {
  let text: string;
  try {
    text = host.readFile(file);
  } catch (error) {
    return { ok: false, reason: `cannot be read: ${fileFailure(error)}` };
  }
  const document = parseDocument(text, { prettyErrors: false, uniqueKeys: false });
  if (document.errors.length > 0) return { ok: false, reason: 'cannot be read as YAML' };
  const path = document.getIn(keys);
  return typeof path === 'string' ? { ok: true, path: besides(file, path) } : { ok: true };
}
