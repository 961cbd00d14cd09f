import { type Document, isAlias, isMap, isScalar, type Pair, parseDocument } from 'yaml';
import { fileFailure } from '#text/file-failure.ts';
import { nearest } from '#text/nearest.ts';
import { type ConfigHost, nodeHost, pathBeside } from '#yaml/host.ts';

export type SocketOutcome =
  /** `socket` is absent if the file does not set it. */
  { readonly ok: true; readonly socket?: string } | { readonly ok: false; readonly reason: string };

/**
 * Reads only `control.socket` of a configuration: other errors in the file do not matter here. A file that may mean
 * another socket than the default, but does not say which, is refused.
 */
export function controlSocketIn(file: string, host: ConfigHost = nodeHost): SocketOutcome {
  const read = documentIn(file, host);
  if (!read.ok) return read;
  const root: unknown = read.document.contents;
  if (!isMap(root)) return { ok: false, reason: 'is not a configuration' };
  const controls = root.items.filter(({ key }) => mayMeanControl(textOf(key)));
  if (controls.length === 0) return { ok: true };
  const settings = onlyValue(read.document, controls, 'control');
  if (!isMap(settings)) return unclear;
  if (settings.items.length === 0) return { ok: true };
  const path = onlyValue(read.document, settings.items, 'socket');
  if (!isScalar(path) || typeof path.value !== 'string' || path.value === '') return unclear;
  return { ok: true, socket: pathBeside(file, path.value) };
}

/** Whether it is `control`, in whatever spelling, or a merge key, which may be meant to bring it. */
function mayMeanControl(key: string): boolean {
  return key === '<<' || nearest(key.toLowerCase(), ['control']) !== undefined;
}

const unclear = { ok: false, reason: 'has an error in control' } as const;

/** Reads only `state_dir` of a configuration; `undefined` if it is not set, or the file is not readable. */
export function stateDirIn(file: string): string | undefined {
  const read = documentIn(file, nodeHost);
  const path = read.ok ? read.document.getIn(['state_dir']) : undefined;
  return typeof path === 'string' ? pathBeside(file, path) : undefined;
}

type DocumentOutcome =
  | { readonly ok: true; readonly document: Document }
  | { readonly ok: false; readonly reason: string };

function documentIn(file: string, host: ConfigHost): DocumentOutcome {
  let text: string;
  try {
    text = host.readFile(file);
  } catch (error) {
    return { ok: false, reason: `cannot be read: ${fileFailure(error)}` };
  }
  const document = parseDocument(text, { prettyErrors: false, uniqueKeys: false });
  if (document.errors.length > 0) return { ok: false, reason: 'cannot be read as YAML' };
  return { ok: true, document };
}

/** Returns the text of a key; empty if it is none. */
function textOf(key: unknown): string {
  return isScalar(key) ? String(key.value) : '';
}

/** Returns the value of the only pair if that has the key, with an alias replaced by what it names. */
function onlyValue(document: Document, pairs: readonly Pair[], key: string): unknown {
  const [{ key: found, value }] = pairs;
  if (pairs.length > 1 || textOf(found) !== key) return undefined;
  return isAlias(value) ? value.resolve(document) : value;
}
