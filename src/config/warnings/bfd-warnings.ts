import type { ConfigProblem } from '#api/problem.ts';
import type { BfdConfig, BfdTimers, Config, PeerConfig, PeerRangeConfig } from '../config.ts';

/**
 * The packets per second, sent and received, that a thread handles while another core is busy (bench: 500
 * sessions at 100 ms).
 */
const comfortablePackets = 10_000;

/** Returns warnings of BFD timers that are too tight for the number of sessions, or too long to be of use. */
export function bfdWarnings(config: Config): ConfigProblem[] {
  const { peers, peerRanges } = config;
  return [
    ...busyWarnings(config),
    ...peers.flatMap((peer) => slowWarnings(peer.name, peer)),
    ...peerRanges.flatMap((range) => slowWarnings(range.rangeText, range)),
  ];
}

/** Warns of BFD that is slower than the hold timer: `min_tx: 300` is 300 seconds, but other daemons use milliseconds. */
function slowWarnings(
  name: string,
  { bfd, holdTimeSec, source }: PeerConfig | PeerRangeConfig,
): ConfigProblem[] {
  if (bfd === undefined || holdTimeSec === 0) return [];
  const detectMs = Math.min(detectionMs(bfd.singleHop), detectionMs(bfd.multihop));
  if (detectMs <= holdTimeSec * 1000) return [];
  const message =
    `${name}: bfd takes ${detectMs / 1000} s to detect a loss, longer than the hold time (${holdTimeSec} s); ` +
    'min_tx and min_rx without a unit are seconds: write 300ms';
  return [{ file: source.file, line: source.line, column: 1, message }];
}

function detectionMs({ minTxMs, minRxMs, multiplier }: BfdTimers): number {
  return Math.max(minTxMs, minRxMs) * multiplier;
}

function busyWarnings({ file, peers, peerRanges }: Config): ConfigProblem[] {
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
