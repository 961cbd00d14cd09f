import type { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** What a reader of the event stream has got since last asked, and gets within the next turns. */
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
