import type { Policy, PolicyChoice, Rule } from '#policy/policy.ts';
import type { PrefixSetData } from '#policy/prefix-set.ts';
import type { Config, PeerConfig, PeerRangeConfig } from './config.ts';
import { fingerprintOf, noteFingerprint } from './fingerprint.ts';
import type { LoadOutcome } from './load.ts';
import { PackedPatterns, packPatterns } from './packed-patterns.ts';
import { notePrepared, prepareLists } from './prepared-prefixes.ts';
import { Secret } from './resolve/secret.ts';
import type { ConfigSources } from './sources.ts';

/** The number of peers, or rules, in one part: cloning it takes a few ms. */
const rowsInPart = 100;
/** With fewer patterns, they stay objects. */
const packedFrom = 16;

/**
 * A piece of an outcome as it passes between threads: plain data, which is small except for buffers, and those
 * are transferred without cost. It also carries what structured cloning would lose, or what would have to be
 * computed again.
 */
export interface Part {
  readonly content: Content;
  /** Secrets are sent apart: in the content a `Secret` is an empty object. */
  readonly secrets: readonly PackedSecret[];
}

type Content =
  | { readonly kind: 'refused'; readonly outcome: LoadOutcome }
  /** `written` is `asWritten` as JSON, since it is rarely needed. */
  | {
      readonly kind: 'head';
      readonly head: Head;
      readonly written: string;
      readonly warnings: Loaded['warnings'];
    }
  | { readonly kind: 'sources'; readonly sources: ConfigSources }
  | { readonly kind: 'policy'; readonly name: string; readonly fingerprint: string }
  /** More rules of a policy. */
  | { readonly kind: 'rules'; readonly policy: string; readonly rules: readonly PackedRule[] }
  | {
      readonly kind: 'prefixes';
      readonly policies: readonly string[];
      readonly prefixes: PrefixSetData;
    }
  | { readonly kind: 'peers'; readonly peers: readonly Named<PeerConfig>[] }
  | { readonly kind: 'ranges'; readonly ranges: readonly Named<PeerRangeConfig>[] };

type Loaded = Extract<LoadOutcome, { ok: true }>;
type Head = Omit<Config, 'policies' | 'peers' | 'peerRanges' | 'asWritten'>;

/** A session with its policies replaced by their names. */
type Named<Session extends Pick<PeerConfig, 'import' | 'export'>> = Omit<
  Session,
  'import' | 'export'
> & { readonly import: ChoiceName; readonly export: ChoiceName };

type ChoiceName = 'none' | 'all' | readonly string[];

interface PackedRule {
  readonly rule: Rule;
  /** Replaces the `prefix` of its match. */
  readonly patterns?: Int32Array<ArrayBuffer>;
}

interface PackedSecret {
  /** The keys that lead to the secret from the content. */
  readonly path: readonly string[];
  readonly text: string;
}

/** Yields the parts of an outcome in the order in which they must be put together. */
export function* packed(outcome: LoadOutcome): Generator<Part, undefined> {
  if (!outcome.ok) {
    yield { content: { kind: 'refused', outcome }, secrets: [] };
    return;
  }
  const { policies, peers, peerRanges, asWritten, ...head } = outcome.config;
  const { warnings, sources } = outcome;
  yield withSecrets({ kind: 'head', head, written: JSON.stringify(asWritten), warnings });
  if (sources !== undefined) yield { content: { kind: 'sources', sources }, secrets: [] };
  for (const policy of policies) {
    const { name } = policy;
    yield { content: { kind: 'policy', name, fingerprint: fingerprintOf(policy) }, secrets: [] };
    for (const rules of chunks(policy.rules)) {
      yield { content: { kind: 'rules', policy: name, rules: rules.map(packRule) }, secrets: [] };
    }
  }
  for (const list of prepareLists(outcome.config)) {
    const names = list.policies.map(({ name }) => name);
    const { prefixes } = list;
    yield { content: { kind: 'prefixes', policies: names, prefixes }, secrets: [] };
  }
  for (const some of chunks(peers)) yield withSecrets({ kind: 'peers', peers: some.map(named) });
  for (const some of chunks(peerRanges)) {
    yield withSecrets({ kind: 'ranges', ranges: some.map(named) });
  }
}

/** Returns the buffers of a part that are transferred rather than copied. */
export function buffersOf({ content }: Part): ArrayBuffer[] {
  if (content.kind === 'prefixes') return Object.values(content.prefixes).flatMap(bufferOf);
  if (content.kind === 'sources') return bufferOf(content.sources.bytes);
  if (content.kind === 'rules') return content.rules.flatMap(({ patterns }) => bufferOf(patterns));
  return [];
}

function bufferOf(value: unknown): ArrayBuffer[] {
  if (!ArrayBuffer.isView(value) || !(value.buffer instanceof ArrayBuffer)) return [];
  return [value.buffer];
}

/** Puts parts together again, one at a time. */
export class Unpacking {
  private refusal: LoadOutcome | undefined;
  private head: Extract<Content, { kind: 'head' }> | undefined;
  private readonly policies = new Map<string, { readonly name: string; readonly rules: Rule[] }>();
  private sources: ConfigSources | undefined;
  private readonly peers: PeerConfig[] = [];
  private readonly ranges: PeerRangeConfig[] = [];

  take({ content, secrets }: Part): void {
    for (const { path, text } of secrets) setAt(content, path, new Secret(text));
    switch (content.kind) {
      case 'refused':
        this.refusal = content.outcome;
        return;
      case 'head':
        this.head = content;
        return;
      case 'sources':
        this.sources = content.sources;
        return;
      case 'policy': {
        const policy = { name: content.name, rules: [] };
        this.policies.set(content.name, policy);
        return noteFingerprint(policy, content.fingerprint);
      }
      case 'rules':
        this.policies.get(content.policy)?.rules.push(...content.rules.map(unpackRule));
        return;
      case 'prefixes': {
        const { prefixes } = content;
        return notePrepared({ policies: this.policiesNamed(content.policies), prefixes });
      }
      case 'peers':
        this.peers.push(...content.peers.map((peer) => this.withPolicies(peer)));
        return;
      case 'ranges':
        this.ranges.push(...content.ranges.map((range) => this.withPolicies(range)));
        return;
      default:
        content satisfies never;
    }
  }

  /** Returns the outcome after all parts. Throws if there were none. */
  outcome(): LoadOutcome {
    if (this.refusal !== undefined) return this.refusal;
    if (this.head === undefined)
      throw new Error('the thread that loads the configuration returned nothing');
    const { head, written, warnings } = this.head;
    const config: Config = {
      ...head,
      get asWritten(): unknown {
        return JSON.parse(written);
      },
      policies: [...this.policies.values()],
      peers: this.peers,
      peerRanges: this.ranges,
    };
    const { sources } = this;
    return { ok: true, config, warnings, ...(sources !== undefined && { sources }) };
  }

  private withPolicies<Rest extends { import: ChoiceName; export: ChoiceName }>(session: Rest) {
    return {
      ...session,
      import: this.choiceOf(session.import),
      export: this.choiceOf(session.export),
    };
  }

  private choiceOf(choice: ChoiceName): PolicyChoice {
    return typeof choice === 'string' ? choice : this.policiesNamed(choice);
  }

  private policiesNamed(names: readonly string[]): Policy[] {
    return names.flatMap((name) => this.policies.get(name) ?? []);
  }
}

function named<Session extends Pick<PeerConfig, 'import' | 'export'>>(
  session: Session,
): Named<Session> {
  return { ...session, import: nameOf(session.import), export: nameOf(session.export) };
}

function nameOf(choice: PolicyChoice): ChoiceName {
  return typeof choice === 'string' ? choice : choice.map(({ name }) => name);
}

function packRule(rule: Rule): PackedRule {
  const { prefix, ...match } = rule.match;
  const patterns = [...(prefix ?? [])];
  if (patterns.length < packedFrom) return { rule };
  return { rule: { ...rule, match }, patterns: packPatterns(patterns) };
}

function unpackRule({ rule, patterns }: PackedRule): Rule {
  if (patterns === undefined) return rule;
  return { ...rule, match: { prefix: new PackedPatterns(patterns), ...rule.match } };
}

function* chunks<Row>(rows: readonly Row[]): Generator<readonly Row[], undefined> {
  for (let at = 0; at < rows.length; at += rowsInPart) yield rows.slice(at, at + rowsInPart);
}

function withSecrets(content: Content): Part {
  const secrets: PackedSecret[] = [];
  collectSecrets(content, [], new Set(), secrets);
  return { content, secrets };
}

function collectSecrets(
  value: unknown,
  path: readonly string[],
  seen: Set<unknown>,
  found: PackedSecret[],
): void {
  if (value instanceof Secret) found.push({ path, text: value.reveal() });
  if (!isWalkable(value) || seen.has(value)) return;
  seen.add(value);
  for (const [key, part] of Object.entries(value)) {
    collectSecrets(part, [...path, key], seen, found);
  }
}

function isWalkable(value: unknown): value is object {
  const isBytes = value instanceof Uint8Array;
  return typeof value === 'object' && value !== null && !isBytes && !(value instanceof Secret);
}

function setAt(root: object, path: readonly string[], value: unknown): void {
  let holder: unknown = root;
  for (const key of path.slice(0, -1)) holder = isWalkable(holder) ? Reflect.get(holder, key) : {};
  if (isWalkable(holder)) Reflect.set(holder, path[path.length - 1], value);
}
