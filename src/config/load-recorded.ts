import { messageOf } from '#text/message-of.ts';
import { type ConfigHost, nodeHost } from '#yaml/host.ts';
import { loadConfig, type LoadOutcome } from './load.ts';
import { recordedHost, RecordingHost } from './sources.ts';

/** What is to be loaded. */
export interface LoadRequest {
  readonly file: string;
  /** Loaded in place of the file's own text. */
  readonly text?: string;
  /** As in `LoadOptions`. */
  readonly mayReadFiles?: boolean;
  /**
   * What the configuration was made of before: it is loaded from these bytes, whatever the files contain now.
   */
  readonly kept?: Uint8Array;
}

/**
 * Does what `loadConfig` does, and also returns what the configuration was made of, unless its text was sent.
 */
export function loadRecorded(
  { file, kept, ...options }: LoadRequest,
  machine: ConfigHost = nodeHost,
): LoadOutcome {
  const answering = kept === undefined ? machine : hostIn(kept);
  if (typeof answering === 'string') {
    return { ok: false, problems: [{ file, line: 1, column: 1, message: answering }] };
  }
  const host = new RecordingHost(answering);
  const outcome = loadConfig(file, { ...options, host });
  if (!outcome.ok || options.text !== undefined) return outcome;
  return { ...outcome, sources: host.sources() };
}

/** Returns a host that answers from what was stored, or why that cannot be read. */
function hostIn(kept: Uint8Array): ConfigHost | string {
  try {
    return recordedHost(kept);
  } catch (error) {
    return `the stored copy cannot be read: ${messageOf(error)}`;
  }
}
