import type { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Returns what a reader of the event stream has received since the last call, and receives within the next turns. */
export async function got(readable: Readable): Promise<string> {
  let text = '';
  for (let turn = 0; turn < 20; turn++) {
    for (let chunk: unknown = readable.read(); chunk !== null; chunk = readable.read()) {
      text += String(chunk);
    }
    await nextTurn();
  }
  return text;
}
