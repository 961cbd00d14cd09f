import { canonical } from '#config/canonical.ts';
import type { PeerConfig } from '#config/config.ts';
import type { RibPeerSettings } from '#rib/rib-peer.ts';
import { families } from '#wire/constants.ts';
import type { Judges, SessionFacts } from './judges.ts';

/** What of the daemon the RIB's settings of a peer depend on. */
export interface RibContext {
  readonly judges: Judges;
  /** Our own addresses, never a next hop. */
  readonly ownAddresses: readonly Uint8Array[];
}

/** A peer's configuration as the RIB reads it; what is as `known` has it is the same object. */
export function ribSettings(
  config: PeerConfig,
  facts: SessionFacts | undefined,
  { judges, ownAddresses }: RibContext,
  known: RibPeerSettings | undefined,
): RibPeerSettings {
  // A new client has everything shared out again, and a policy may be long: one that has only connected from a range has none yet.
  const isStranger = config.range !== undefined && facts === undefined;
  const exportJudge = isStranger ? undefined : judges.exportJudge(config, facts);
  const wanted = families.map(({ family }) => config.families.includes(family));
  return {
    name: config.name,
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
 * The same values as an array of ours: one that has come from the thread that loads configurations counts as one
 * with holes, and to look into such a one costs the hot path a call for each prefix.
 */
function byFamily<Value>(values: readonly Value[]): readonly Value[] {
  return families.map(({ family }) => values[family]);
}

/** Every reload makes new objects, and the RIB judges again what is another one. */
function kept<Value extends object>(known: Value | undefined, value: Value): Value {
  return known !== undefined && canonical(known) === canonical(value) ? known : value;
}
