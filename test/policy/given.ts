import type { SetActions } from '#policy/actions.ts';
import { firstAs, hasAs, hasAsSet } from '#policy/as-path.ts';
import { compileImport } from '#policy/compile.ts';
import type { AttrsId, PeerId } from '#policy/ids.ts';
import type { AttrsInterner, PeerNames } from '#policy/judge.ts';
import type { Match } from '#policy/match.ts';
import type { NumberRange, PrefixPattern } from '#policy/patterns.ts';
import type { ExportSettings, ImportSettings, Policy, Rule } from '#policy/policy.ts';
import { exportReasons, rejectReasons } from '#policy/reasons.ts';
import { parseAddress } from '#text/address.ts';
import { parseCommunityPattern, parseLargeCommunityPattern } from '#text/community.ts';
import { parsePrefix, parsePrefixPattern } from '#text/prefix.ts';
import type { MalformedName } from '#wire/attribute-table.ts';
import type { Prefix } from '#wire/nlri.ts';
import type { PathAttributes } from '#wire/path-attributes.ts';

/** Attribute sets in a list; equal ones get one id. */
export class MemoryAttrs implements AttrsInterner {
  private readonly sets: PathAttributes[] = [];
  private readonly ids = new Map<string, AttrsId>();
  private readonly spoiled = new Map<AttrsId, MalformedName>();

  hasLocalPref(id: AttrsId): boolean {
    return this.read(id).localPref !== undefined;
  }

  hasMed(id: AttrsId): boolean {
    return this.read(id).med !== undefined;
  }

  neighbourAs(id: AttrsId): number {
    return firstAs(this.read(id).asPath) ?? 0;
  }

  hasAsSet(id: AttrsId): boolean {
    return hasAsSet(this.read(id).asPath);
  }

  hasAs(id: AttrsId, asn: number): boolean {
    return hasAs(this.read(id).asPath, asn);
  }

  isNextHop(id: AttrsId, address: Uint8Array): boolean {
    return this.read(id).nextHop.join() === address.join();
  }

  hasNonTransitive(id: AttrsId): boolean {
    const { extCommunities, ipv6ExtCommunities } = this.read(id);
    return [...extCommunities, ...ipv6ExtCommunities].some(([type]) => (type & 0x40) !== 0);
  }

  intern(attributes: PathAttributes): AttrsId {
    const name = canonical(attributes);
    const known = this.ids.get(name);
    if (known !== undefined) return known;
    const id = this.sets.push(attributes) as AttrsId;
    this.ids.set(name, id);
    return id;
  }

  spoil(attributes: PathAttributes, name: MalformedName): AttrsId {
    const id = this.sets.push(attributes) as AttrsId;
    this.spoiled.set(id, name);
    return id;
  }

  read(id: AttrsId): PathAttributes {
    return this.sets[id - 1];
  }

  malformed(id: AttrsId): MalformedName | undefined {
    return this.spoiled.get(id);
  }
}

/** Returns equal text for equal attributes, whatever the order of their keys. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (part instanceof Uint8Array) return [...part];
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}

export const address = parseAddress;

export function prefix(text: string): Prefix {
  return parsePrefix(text);
}

export function patterns(...texts: string[]): readonly PrefixPattern[] {
  return texts.map((text) => parsePrefixPattern(text));
}

export function sequence(...asns: number[]) {
  return { kind: 'sequence', asns } as const;
}

export function set(...asns: number[]) {
  return { kind: 'set', asns } as const;
}

/** Returns what node W1 announces in the lab, except for what is given. */
export function route(given: Partial<PathAttributes> = {}): PathAttributes {
  return {
    origin: 0,
    asPath: [sequence(65001)],
    nextHop: address('2001:db8:6::11'),
    atomicAggregate: false,
    communities: [],
    extCommunities: [],
    ipv6ExtCommunities: [],
    largeCommunities: [],
    unknown: [],
    ...given,
  };
}

export function rule(then: Rule['then'], match: Match = {}, actions: SetActions = {}): Rule {
  return { match, set: actions, then, source: { file: 'test.yaml', line: 1 } };
}

/** Returns one policy; the line of each rule is its place, from 1. */
export function policyOf(...rules: readonly Rule[]): readonly Policy[] {
  const lined = rules.map((it, index) => ({ ...it, source: { ...it.source, line: index + 1 } }));
  return [{ name: 'tested', rules: lined }];
}

/** The import of W1 in the lab. */
export function importOf(given: Partial<ImportSettings> = {}): ImportSettings {
  return {
    peerName: 'W1',
    peerAs: 65001,
    peerAddress: address('2001:db8:6::11'),
    localAs: 65002,
    localAddresses: [address('2001:db8:1::9'), address('192.0.2.9')],
    policy: 'all',
    missingMed: 'zero',
    acceptNextHop: 'peer',
    enforceFirstAs: true,
    allowAsSets: false,
    ...given,
  };
}

/** The export to the lab's routers. */
export function exportOf(given: Partial<ExportSettings> = {}): ExportSettings {
  return {
    policy: 'all',
    localAs: 65002,
    rsClient: true,
    selfNextHop: [undefined, undefined],
    toAnotherAs: true,
    interpretWellKnown: false,
    ...given,
  };
}

/** Peer 1 is W1 of AS 65001, peer 2 is W2 of AS 65002, and so on. */
export const names: PeerNames = {
  nameOf: (id) => `W${id}`,
  asOf: (id) => 65000 + id,
};

export function peer(id: number): PeerId {
  return id as PeerId;
}

/** Returns the reason of an import verdict, or the attributes with which the route continues. */
export function importOutcome(attrs: MemoryAttrs, verdict: number): string | PathAttributes {
  return verdict > 0 ? attrs.read(verdict as AttrsId) : rejectReasons[-verdict];
}

export function exportOutcome(attrs: MemoryAttrs, verdict: number): string | PathAttributes {
  return verdict > 0 ? attrs.read(verdict as AttrsId) : exportReasons[-verdict];
}

/**
 * Returns what these rules make of a route on import, and the line of the rule that decided. Of the fixed checks, only
 * that for loops applies.
 */
export function judgedBy(
  rules: readonly Rule[],
  attributes: Partial<PathAttributes> = {},
  text = '2001:db8:30::1/128',
) {
  const attrs = new MemoryAttrs();
  const loose = { acceptNextHop: 'any', enforceFirstAs: false, allowAsSets: true } as const;
  const judge = compileImport(importOf({ ...loose, policy: policyOf(...rules) }), attrs);
  const trace = judge.trace(attrs.intern(route(attributes)), judge.prefixClass(prefix(text)));
  return { outcome: importOutcome(attrs, trace.verdict), line: trace.rule?.line };
}

/** The range of one number. */
export function only(value: number): NumberRange {
  return { min: value, max: value };
}

export const standard = parseCommunityPattern;
export const large = parseLargeCommunityPattern;

/** Returns a community such as `65000:1` as its 32-bit value (RFC 1997). */
export function communityValue(text: string): number {
  const [high, low] = text.split(':').map(Number);
  return high * 0x1_0000 + low;
}

export function communities(...texts: string[]) {
  return { communities: texts.map((text) => communityValue(text)) };
}

export function largeCommunities(...values: [number, number, number][]) {
  return { largeCommunities: values };
}
