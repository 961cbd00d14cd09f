import type { ConfigProblem } from '#api/problem.ts';
import type { BfdConfig, Config } from '../config.ts';

/**
 * The packets per second, sent and received, that a thread handles while another core is busy (bench: 500
 * sessions at 100 ms).
 */
const comfortablePackets = 10_000;

/** Returns warnings of BFD timers that are too tight for the number of sessions. */
export function bfdWarnings({ file, peers, peerRanges }: Config): ConfigProblem[] {
  const packets =
    peers.reduce((sum, { bfd }) => sum + packetsPerSecond(bfd), 0) +
    peerRanges.reduce((sum, { bfd, maxPeers }) => sum + maxPeers * packetsPerSecond(bfd), 0);
  if (packets <= comfortablePackets) return [];
  const message =
    `bfd: ${Math.round(packets)} packets per second are more than the ${comfortablePackets} that this server handles ` +
    'reliably when it is busy; use longer intervals, or sessions may be lost although their peers are alive';
  return [{ file, line: 1, column: 1, message }];
}

/** Returns the packets of one session, in both directions, at the shorter of its two possible intervals. */
function packetsPerSecond(bfd: BfdConfig | undefined): number {
  if (bfd === undefined) return 0;
  const { minTxMs, minRxMs } = bfd.singleHop;
  return 1000 / minTxMs + 1000 / minRxMs;
}
