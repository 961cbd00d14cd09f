import { canonical } from '#config/canonical.ts';
import type { PeerConfig } from '#config/config.ts';
import type { RibPeerSettings } from '#rib/rib-peer.ts';
import { families } from '#wire/constants.ts';
import { type Judges, peerAsOf, type SessionFacts } from './judges.ts';

/** The parts of the daemon on which the RIB's settings of a peer depend. */
export interface RibContext {
  readonly judges: Judges;
  /** Our own addresses, which are never valid next hops. */
  readonly ownAddresses: readonly Uint8Array[];
}

/** Returns a peer's configuration in the form for the RIB; what equals `known` is the same object. */
export function ribSettings(
  config: PeerConfig,
  facts: SessionFacts | undefined,
  { judges, ownAddresses }: RibContext,
  known: RibPeerSettings | undefined,
): RibPeerSettings {
  // For a new client every prefix is exported again, and a policy may be long; a peer that has only connected from a
  // range is no client yet.
  const isStranger = config.range !== undefined && facts === undefined;
  const exportJudge = isStranger ? undefined : judges.exportJudge(config, facts);
  const wanted = families.map(({ family }) => config.families.includes(family));
  return {
    name: config.name,
    peerAs: peerAsOf(config, facts),
    address: kept(known?.address, config.address),
    importJudge: judges.importJudge(
      isStranger ? { ...config, import: 'none' } : config,
      facts,
      ownAddresses,
    ),
    ...(exportJudge !== undefined && { exportJudge }),
    families: kept(known?.families, wanted),
    acceptedLimit: kept(known?.acceptedLimit, byFamily(config.maxPrefix)),
    receivedLimit: kept(known?.receivedLimit, byFamily(config.maxPrefixReceived)),
    ...(config.addPath.receive && { maxPathsPerPrefix: config.maxPathsPerPrefix }),
    ...(config.maxAttributeBytes > 0 && { maxAttributeBytes: config.maxAttributeBytes }),
    honourGracefulShutdown: config.gracefulShutdown === 'honour',
    isShadow: config.shadow,
    mayAddPath: config.addPath.send,
  };
}

/**
 * Returns the same values in an array made here. V8 treats an array that came from the thread that loads configurations
 * as one with holes, and reading it would cost the hot path a call for each prefix.
 */
function byFamily<Value>(values: readonly Value[]): readonly Value[] {
  return families.map(({ family }) => values[family]);
}

/** Every reload creates new objects, and the RIB judges again whatever is a different object. */
function kept<Value extends object>(known: Value | undefined, value: Value): Value {
  return known !== undefined && canonical(known) === canonical(value) ? known : value;
}
