import { parseDocument } from 'yaml';
import { besides, type ConfigHost, nodeHost, readFailure } from './read/host.ts';

export type SocketOutcome =
  /** `socket` is absent where the file leaves the default. */
  { readonly ok: true; readonly socket?: string } | { readonly ok: false; readonly reason: string };

/** Reads `control.socket` of a configuration and nothing else: other errors in the file do not matter here. */
export function controlSocketIn(file: string, host: ConfigHost = nodeHost): SocketOutcome {
  let text: string;
  try {
    text = host.readFile(file);
  } catch (error) {
    return { ok: false, reason: `cannot be read: ${readFailure(error)}` };
  }
  const document = parseDocument(text, { prettyErrors: false, uniqueKeys: false });
  if (document.errors.length > 0) return { ok: false, reason: 'is not YAML that can be read' };
  const socket = document.getIn(['control', 'socket']);
  return typeof socket === 'string' ? { ok: true, socket: besides(file, socket) } : { ok: true };
}
