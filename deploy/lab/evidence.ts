import type { Stage } from './checks/check.ts';
import type { Request } from './requests.ts';

/** How many requests of a failed check are examined, the last ones: earlier ones are often meant to be lost. */
const mostRequests = 5;
/** How long before and after a request events are shown. */
const beforeMs = 1500;
const afterMs = 1000;

/**
 * Returns what is recorded around each request that was lost since then: what five kernels reported, and the logs of
 * the three route servers. Empty if none was lost.
 */
export function evidence({ lab, kernels, requests }: Stage, sinceMs: number): string[] {
  const logs = lab.routeServers.map((each) => ({ name: each.name, lines: each.log().split('\n') }));
  return requests
    .lost(sinceMs)
    .slice(-mostRequests)
    .flatMap(({ askedAt, address, why }: Request) => {
      const from = askedAt - beforeMs;
      const to = askedAt + afterMs;
      return [
        `lost: ${address}, asked at ${new Date(askedAt).toISOString()}: ${why}`,
        ...kernels.told(from, to).map((line) => `  kernel ${line}`),
        ...logs.flatMap(({ name, lines }) =>
          lines.filter((line) => isWithin(line, from, to)).map((line) => `  ${name} ${line}`),
        ),
      ];
    });
}

/** By the time at the beginning of the line, in whichever format a route server writes it. */
function isWithin(line: string, fromMs: number, toMs: number): boolean {
  const found = /\d{4}[-/]\d\d[-/]\d\d[ T]\d\d:\d\d:\d\d(?:\.\d+)?/.exec(line)?.[0];
  if (found === undefined) return false;
  const atMs = Date.parse(`${found.replaceAll('/', '-').replace(' ', 'T')}Z`);
  return atMs >= fromMs && atMs <= toMs;
}
