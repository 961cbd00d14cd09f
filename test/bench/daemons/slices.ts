import { request } from 'node:http';

/**
 * The longest piece of work that the daemon has done without looking at timers and sockets, ms, as the
 * upper bound of the highest bucket of `fingerpost_slice_seconds` that holds one; NaN above all.
 */
export async function longestSliceMs(socketPath: string): Promise<number> {
  const text = await page(socketPath, '/metrics');
  const pattern = /^fingerpost_slice_seconds_bucket\{le="([^"]+)"\} (\d+)$/gm;
  const buckets = [...text.matchAll(pattern)].map(([, bound, count]) => ({
    bound: Number(bound),
    count: Number(count),
  }));
  const all = Math.max(...buckets.map(({ count }) => count));
  const bound = buckets.find(({ count }) => count === all)?.bound;
  return bound === undefined ? Number.NaN : bound * 1000;
}

function page(socketPath: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, path }, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (part: string) => (text += part));
      answer.on('end', () => resolve(text));
      answer.on('error', reject);
    });
    call.on('error', reject);
    call.end();
  });
}
