import type { RibPeerSettings } from '#rib/rib-peer.ts';
import type { PeerConfig } from '#config/config.ts';
import { families } from '#wire/constants.ts';
import type { Judges, SessionFacts } from './judges.ts';

/** What of the daemon the RIB's settings of a peer depend on. */
interface RibContext {
  readonly judges: Judges;
  /** Our own addresses, never a next hop. */
  readonly ownAddresses: readonly Uint8Array[];
}

/** A peer's configuration as the RIB reads it; lists that are as `known` has them are the same object. */
export function ribSettings(
  config: PeerConfig,
  facts: SessionFacts | undefined,
  { judges, ownAddresses }: RibContext,
  known: RibPeerSettings | undefined,
): RibPeerSettings {
  // A new client has everything shared out again: whoever only calls from a range is none yet.
  const isStranger = config.range !== undefined && facts === undefined;
  const exportJudge = isStranger ? undefined : judges.exportJudge(config, facts);
  const wanted = families.map(({ family }) => config.families.includes(family));
  return {
    name: config.name,
    address: config.address,
    importJudge: judges.importJudge(config, facts, ownAddresses),
    ...(exportJudge !== undefined && { exportJudge }),
    families: known?.families.join() === wanted.join() ? known.families : wanted,
    acceptedLimit: config.maxPrefix,
    receivedLimit: config.maxPrefixReceived,
    honourGracefulShutdown: config.gracefulShutdown === 'honour',
    isShadow: config.shadow,
    mayAddPath: config.addPath.send,
  };
}
