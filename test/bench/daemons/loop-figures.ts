import { connect } from 'node:net';
import type { LoopFigures } from './loop-watch.ts';

/** Requests the figures of the watch on the event loop that listens at this path. */
export function loopFigures(path: string): Promise<LoopFigures> {
  return new Promise((done, reject) => {
    let text = '';
    connect(path)
      .setEncoding('utf8')
      .on('data', (part: string) => (text += part))
      .on('end', () => done(JSON.parse(text)))
      .on('error', reject);
  });
}
