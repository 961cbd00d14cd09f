import { messageOf } from '#text/message-of.ts';
import { loadConfig, type LoadOutcome } from './load.ts';
import { type ConfigHost, nodeHost } from './read/host.ts';
import { recordedHost, RecordingHost } from './sources.ts';

/** What is to be loaded. */
export interface LoadRequest {
  readonly file: string;
  /** In place of the file's own text. */
  readonly text?: string;
  /** As in `LoadOptions`. */
  readonly mayReadFiles?: boolean;
  /** What it was made of before: loaded from these bytes, whatever the files say now. */
  readonly kept?: Uint8Array;
}

/** As `loadConfig`, and beside the configuration what it was made of, unless its text was sent. */
export function loadRecorded({ file, kept, ...options }: LoadRequest): LoadOutcome {
  const answering = kept === undefined ? nodeHost : hostIn(kept);
  if (typeof answering === 'string') {
    return { ok: false, problems: [{ file, line: 1, column: 1, message: answering }] };
  }
  const host = new RecordingHost(answering);
  const outcome = loadConfig(file, { ...options, host });
  if (!outcome.ok || options.text !== undefined) return outcome;
  return { ...outcome, sources: host.sources() };
}

/** What was kept, or why it cannot be read. */
function hostIn(kept: Uint8Array): ConfigHost | string {
  try {
    return recordedHost(kept);
  } catch (error) {
    return `what was kept of it cannot be read: ${messageOf(error)}`;
  }
}
