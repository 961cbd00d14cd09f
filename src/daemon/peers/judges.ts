import type { PeerConfig } from '#config/config.ts';
import { fingerprintOf } from '#config/fingerprint.ts';
import { preparedPrefixes } from '#config/prepared-prefixes.ts';
import { compileExport, compileImport, type Relocatable } from '#policy/compile.ts';
import type { PeerId } from '#policy/ids.ts';
import type { AttrsInterner, ExportJudge, ImportJudge, PeerNames } from '#policy/judge.ts';
import type { ExportSettings, ImportSettings, PolicyChoice } from '#policy/policy.ts';
import { RuleTables } from '#policy/rule-table.ts';
import type { RouteValidator } from '#policy/validation.ts';
import { isLinkLocal } from '#text/address.ts';
import { families } from '#wire/constants.ts';

/** What a session settled that policy depends on; absent before the first one. */
export interface SessionFacts {
  readonly peerAs: number;
  /** Our own address of the session. */
  readonly localAddress: Uint8Array;
  /** By `Family` (RFC 8950). */
  readonly extendedNextHop: readonly boolean[];
}

/**
 * Compiles policy, and returns the same judge for equal settings: clients that share an export judge are one export
 * class, and a reload that changes nothing for a peer changes no judge.
 */
export class Judges {
  private readonly attrs: AttrsInterner;
  private readonly names: PeerNames;
  /**
   * Only the last judge of each peer: the peer can choose what a session settles, and can choose differently each time.
   */
  private readonly imports = new Map<
    string,
    { readonly key: string; readonly judge: ImportJudge & Relocatable }
  >();
  private readonly exports = new Map<string, ExportJudge & Relocatable>();
  private tables: RuleTables;
  private readonly validator: RouteValidator;
  /** This server is about to shut down: every route to clients that are configured for it says so. */
  isLeaving = false;

  constructor(attrs: AttrsInterner, names: PeerNames, validator: RouteValidator) {
    this.attrs = attrs;
    this.names = names;
    this.validator = validator;
    this.tables = new RuleTables(preparedPrefixes, validator);
  }

  importJudge(
    peer: PeerConfig,
    facts: SessionFacts | undefined,
    own: readonly Uint8Array[],
  ): ImportJudge {
    const settings: ImportSettings = {
      peerName: peer.name,
      peerAs: peerAsOf(peer, facts),
      peerAddress: peer.address,
      localAs: peer.localAs,
      localAddresses: own,
      policy: peer.import,
      missingMed: peer.missingMed,
      acceptNextHop: peer.acceptNextHop,
      enforceFirstAs: peer.enforceFirstAs,
      allowAsSets: peer.allowAsSets,
      ...(peer.role !== undefined && { role: peer.role }),
    };
    const key = this.keyOf(settings);
    const known = this.imports.get(peer.name);
    if (known?.key === key) {
      known.judge.relocate(settings.policy);
      return known.judge;
    }
    const judge = compileImport(settings, this.attrs, this.tables);
    this.imports.set(peer.name, { key, judge });
    return judge;
  }

  /** Returns `undefined` if the peer is no client (RFC 8212). */
  exportJudge(peer: PeerConfig, facts: SessionFacts | undefined): ExportJudge | undefined {
    if (peer.export === 'none') return undefined;
    const settings: ExportSettings = {
      policy: peer.export,
      localAs: peer.localAs,
      rsClient: peer.rsClient,
      selfNextHop: peer.rsClient ? [] : selfNextHops(facts),
      toAnotherAs: peerAsOf(peer, facts) !== peer.localAs,
      interpretWellKnown: peer.communities === 'interpret_well_known',
      ...(peer.blackhole && { takesBlackholes: true }),
      ...(peer.role !== undefined && { role: peer.role }),
      ...(this.isLeaving && peer.sendGracefulShutdown && { isLeaving: true }),
    };
    const key = this.keyOf(settings);
    let judge = this.exports.get(key);
    if (judge !== undefined) {
      judge.relocate(settings.policy);
    } else {
      this.exports.set(key, (judge = compileExport(settings, this.attrs, this.names, this.tables)));
    }
    return judge;
  }

  /** The peer has been removed, and no other peer has its import judge. */
  forget(peerName: string): void {
    this.imports.delete(peerName);
  }

  /** To be called after a reload: drops judges that no peer has any more. */
  keepOnly(used: ReadonlySet<ImportJudge | ExportJudge | undefined>): void {
    for (const [name, { judge }] of this.imports) if (!used.has(judge)) this.imports.delete(name);
    for (const [key, judge] of this.exports) if (!used.has(judge)) this.exports.delete(key);
    this.tables = new RuleTables(preparedPrefixes, this.validator);
  }

  private keyOf(settings: ImportSettings | ExportSettings): string {
    const { policy, ...rest } = settings;
    return `${policyKey(policy)} ${JSON.stringify(rest)}`;
  }
}

/** Peers by id, each with its name and the AS of its session. */
export interface NamedPeers {
  withId(id: PeerId): { readonly name: string; readonly peerAs: number } | undefined;
}

/** Returns the names and ASes of the peers that are there; a peer that is not has neither. */
export function peerNames(peers: NamedPeers): PeerNames {
  return {
    nameOf: (id) => peers.withId(id)?.name ?? '',
    asOf: (id) => peers.withId(id)?.peerAs ?? 0,
  };
}

/** Returns the same text for policies that mean the same: their rules may stand on other lines than before. */
function policyKey(policy: PolicyChoice): string {
  return typeof policy === 'string' ? policy : policy.map(fingerprintOf).join();
}

/** Returns the AS of the last session if it is still a configured one, or else the first of these, or else 0. */
export function peerAsOf({ peerAs }: PeerConfig, facts: SessionFacts | undefined): number {
  if (peerAs.kind === 'any') return facts?.peerAs ?? 0;
  return peerAs.asns.find((asn) => asn === facts?.peerAs) ?? peerAs.asns[0];
}

/** By `Family`. A link-local address is usable on its link only, and cannot be a next hop by itself (RFC 2545 §3). */
function selfNextHops(facts: SessionFacts | undefined): (Uint8Array | undefined)[] {
  if (facts === undefined || isLinkLocal(facts.localAddress)) return [];
  const { localAddress, extendedNextHop } = facts;
  return families.map(({ family, addressBytes }) =>
    addressBytes === localAddress.length || extendedNextHop[family] ? localAddress : undefined,
  );
}
