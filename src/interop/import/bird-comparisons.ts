import type { PrefixPattern } from '#policy/patterns.ts';
import type { AsnRange } from '#text/asn.ts';
import { parsePrefixPattern } from '#text/prefix.ts';
import { TextError } from '#text/text-error.ts';
import { birdOriginStates } from './bird-rpki.ts';
import { split, textOf, type Token } from './bird-tokens.ts';
import { ImportError } from './model.ts';
import { lengthsOf } from './patterns.ts';
import { all, always, any, asIn, atom, type Atom, type Condition, never } from './program.ts';

/** The session whose routes are judged: `peeras` and `from` stand for its values. */
export interface BirdContext {
  readonly families: readonly (0 | 1)[];
  readonly peerAs?: number;
  readonly address?: string;
}

interface ComparisonParts extends BirdContext {
  /** Returns the name of the peer with this address. */
  readonly peerAt: (address: string) => string | undefined;
  /** Replaces names by their values. */
  readonly resolved: (tokens: readonly Token[]) => readonly Token[];
}

const maxNumber = 0xffff_ffff;

/** Turns the comparisons of BIRD's filters into conditions. */
export class BirdComparisons {
  private readonly parts: ComparisonParts;

  constructor(parts: ComparisonParts) {
    this.parts = parts;
  }

  /**
   * Returns the condition that `left SIGN right` expresses; `undefined` if no rule can express it. The caller
   * handles `!`.
   */
  condition(left: readonly Token[], sign: string, right: readonly Token[]): Condition | undefined {
    const subject = textOf(left);
    const value = textOf(right);
    switch (subject) {
      case 'net':
        return this.netIs(sign, right);
      case 'net . len':
        return this.lengthIs(sign, value);
      case 'net . type':
        return this.typeIs(value);
      case 'bgp_path . len':
        return numberAtom('as_path_length', sign, right);
      case 'bgp_med':
        return numberAtom('med', sign, right);
      case 'bgp_path . first':
        return this.asIs('first_as', sign, right);
      case 'bgp_path . last':
      case 'bgp_path . last_nonaggregated':
        return this.asIs('origin_as', sign, right);
      case 'bgp_path':
        return sign === '~' ? this.pathIs(right) : undefined;
      case 'bgp_next_hop':
      case 'gw':
        return this.nextHopIs(sign, right);
      case 'from':
        return this.fromIs(sign, right);
      case 'proto':
        return sign === '=' ? atom({ key: 'peer', names: [value] }) : undefined;
      case 'source':
        return sign === '=' ? (value === 'RTS_BGP' ? always : never) : undefined;
      case 'bgp_community':
      case 'bgp_large_community':
      case 'bgp_ext_community':
        return sign === '~' ? this.communityIs(subject, right) : undefined;
      default:
        return left[0]?.text === 'roa_check'
          ? originIs(left, sign, right)
          : this.turned(left, sign, right);
    }
  }

  /** Accepts `(65000, 1) ~ bgp_community`, and a constant on the left of an equation. */
  private turned(
    left: readonly Token[],
    sign: string,
    right: readonly Token[],
  ): Condition | undefined {
    const subject = textOf(right);
    if (sign === '~' && /^bgp_(large_|ext_)?community$/.test(subject))
      return this.communityIs(subject, left);
    const isConstant = left.length === 1 && left[0].kind !== 'word';
    if (sign === '=' && isConstant && right[0]?.kind === 'word')
      return this.condition(right, sign, left);
    return undefined;
  }

  private netIs(sign: string, right: readonly Token[]): Condition | undefined {
    if (sign === '=' && right.length === 1 && right[0].kind === 'prefix')
      return prefixes([pattern(right[0].text, right[0].line)]);
    if (sign !== '~') return undefined;
    if (right.length === 1 && right[0].kind === 'prefix')
      return prefixes([pattern(`${right[0].text}+`, right[0].line)]);
    const found = this.patterns(right);
    return found === undefined ? undefined : prefixes(found);
  }

  /** Reads `[ P, P+, P-, P{min,max} ]`. */
  private patterns(tokens: readonly Token[]): PrefixPattern[] | undefined {
    if (tokens[0]?.text !== '[' || tokens.at(-1)?.text !== ']') return undefined;
    const found: PrefixPattern[] = [];
    for (const item of split(tokens.slice(1, -1), ',')) {
      const [network, ...suffix] = this.parts.resolved(item);
      if (network === undefined) continue;
      if (network.kind !== 'prefix' && network.text === '[') {
        const inner = this.patterns([network, ...suffix]);
        if (inner === undefined) return undefined;
        found.push(...inner);
      } else if (network.kind === 'prefix') {
        found.push(pattern(network.text + suffix.map(({ text }) => text).join(''), network.line));
      } else return undefined;
    }
    return found;
  }

  private lengthIs(sign: string, value: string): Condition | undefined {
    const range = rangeOf(sign, value, 128);
    if (range === undefined) return undefined;
    const found = this.parts.families.map((family) => lengthsOf(family, range.min, range.max));
    return prefixes(found.filter((it) => it !== undefined));
  }

  private typeIs(value: string): Condition | undefined {
    const family = ({ NET_IP4: 0, NET_IP6: 1 } as const)[value as 'NET_IP4'];
    if (family === undefined) return undefined;
    if (!this.parts.families.includes(family)) return never;
    return this.parts.families.length === 1
      ? always
      : prefixes([lengthsOf(family, 0, 128)].filter((it) => it !== undefined));
  }

  private asIs(
    key: 'first_as' | 'origin_as',
    sign: string,
    right: readonly Token[],
  ): Condition | undefined {
    const ranges = asnRanges(sign, right);
    return ranges === undefined ? undefined : asIn(key, ranges);
  }

  /** Reads `[= * 65000 * =]` and patterns for the ends of AS_PATH. */
  private pathIs(right: readonly Token[]): Condition | undefined {
    const words = textOf(right);
    const mask = /^\[ = (.*) = \]$/.exec(words)?.[1];
    if (mask !== undefined) return maskCondition(mask);
    const ranges = asnRanges('~', right);
    return ranges === undefined ? undefined : asIn('as_path', ranges);
  }

  private nextHopIs(sign: string, right: readonly Token[]): Condition | undefined {
    const [value] = right;
    if (sign === '=' && (value?.text === 'from' || value?.text === this.parts.address))
      return atom({ key: 'own_next_hop' });
    if (right.length !== 1) {
      const found = sign === '~' ? this.patterns(right) : undefined;
      return found === undefined ? undefined : atom({ key: 'next_hop', patterns: found });
    }
    if (value.kind === 'address' && sign === '=') {
      const width = value.text.includes(':') ? 128 : 32;
      return atom({ key: 'next_hop', patterns: [pattern(`${value.text}/${width}`, value.line)] });
    }
    if (value.kind === 'prefix' && sign === '~')
      return atom({ key: 'next_hop', patterns: [pattern(value.text, value.line)] });
    return undefined;
  }

  private fromIs(sign: string, right: readonly Token[]): Condition | undefined {
    const [value] = right;
    if (right.length !== 1 || sign !== '=') return undefined;
    if (value.text === 'bgp_next_hop') return atom({ key: 'own_next_hop' });
    const name = this.parts.peerAt(value.text);
    return name === undefined ? never : atom({ key: 'peer', names: [name] });
  }

  private communityIs(subject: string, right: readonly Token[]): Condition | undefined {
    const texts = this.tuples(right);
    if (texts === undefined) return undefined;
    const key = subject.slice('bgp_'.length) as 'community' | 'large_community' | 'ext_community';
    return atom({ key, texts });
  }

  /** Returns `(65000, 1)` or a set of such pairs as `65000:1`. */
  tuples(tokens: readonly Token[]): string[] | undefined {
    const inner = tokens[0]?.text === '[' ? tokens.slice(1, -1) : tokens;
    const found: string[] = [];
    for (const item of split(inner, ',')) {
      const resolved = this.parts.resolved(item);
      if (resolved[0]?.text === '[') {
        const nested = this.tuples(resolved);
        if (nested === undefined) return undefined;
        found.push(...nested);
        continue;
      }
      if (resolved[0]?.text !== '(' || resolved.at(-1)?.text !== ')') return undefined;
      const parts = split(resolved.slice(1, -1), ',').map((part) =>
        textOf(this.parts.resolved(part)),
      );
      if (!parts.every((part) => /^(\d+|0x[0-9a-f]+|\*|rt|ro|generic)$/i.test(part)))
        return undefined;
      found.push(parts.join(':'));
    }
    return found;
  }
}

/** Reads `roa_check(TABLE)` and `roa_check(TABLE, net, bgp_path.last)`, which is compared with one state or a set. */
function originIs(
  left: readonly Token[],
  sign: string,
  right: readonly Token[],
): Condition | undefined {
  const [, subject, origin] = /^roa_check \( \w+(?: , (\S+) , (.+))? \)$/.exec(textOf(left)) ?? [
    undefined,
    '',
  ];
  const isOfRoute =
    subject === undefined ||
    (subject === 'net' && /^bgp_path \. last(_nonaggregated)?$/.test(origin ?? ''));
  if (!isOfRoute) return undefined;
  const items = sign === '~' ? split(right.slice(1, -1), ',') : [right];
  const states = items.map((item) => birdOriginStates[textOf(item) as 'ROA_VALID']);
  if ((sign !== '=' && sign !== '~') || states.some((state) => state === undefined))
    return undefined;
  return atom({ key: 'rpki', states });
}

/** Throws an ImportError for a pattern that BIRD would not accept either. */
function pattern(text: string, line: number): PrefixPattern {
  try {
    return parsePrefixPattern(text);
  } catch (error) {
    if (error instanceof TextError) throw new ImportError(line, error.message);
    throw error;
  }
}

function prefixes(patterns: readonly PrefixPattern[]): Condition {
  return patterns.length === 0 ? never : atom({ key: 'prefix', patterns });
}

function numberAtom(
  key: 'med' | 'as_path_length',
  sign: string,
  right: readonly Token[],
): Condition | undefined {
  if (sign === '~') {
    const ranges = right[0]?.text === '[' ? split(right.slice(1, -1), ',') : [];
    const found = ranges.map((item): Atom | undefined => {
      const [, min, max] = /^(\d+)(?: \.\. (\d+))?$/.exec(textOf(item)) ?? [];
      return min === undefined ? undefined : { key, min: Number(min), max: Number(max ?? min) };
    });
    if (found.length === 0 || found.includes(undefined)) return undefined;
    return any(found.flatMap((it) => (it === undefined ? [] : [atom(it)])));
  }
  const range = rangeOf(sign, textOf(right), maxNumber);
  return range === undefined ? undefined : range.min > range.max ? never : atom({ key, ...range });
}

function rangeOf(
  sign: string,
  text: string,
  most: number,
): { min: number; max: number } | undefined {
  if (!/^\d+$/.test(text)) return undefined;
  const value = Number(text);
  switch (sign) {
    case '=':
      return { min: value, max: value };
    case '<':
      return { min: 0, max: value - 1 };
    case '<=':
      return { min: 0, max: value };
    case '>':
      return { min: value + 1, max: most };
    case '>=':
      return { min: value, max: most };
    default:
      return undefined;
  }
}

/** Reads a number, or a set of numbers and ranges. */
function asnRanges(sign: string, right: readonly Token[]): AsnRange[] | undefined {
  return sign === '=' || sign === '~' ? asnRangesIn(textOf(right)) : undefined;
}

function asnRangesIn(text: string): AsnRange[] | undefined {
  const items = /^\[ (.*) \]$/.exec(text)?.[1].split(' , ') ?? [text];
  const found: AsnRange[] = [];
  for (const item of items) {
    const [, min, max] = /^(\d+)(?: \.\. (\d+))?$/.exec(item) ?? [];
    if (min === undefined || Number(max ?? min) > maxNumber) return undefined;
    found.push({ min: Number(min), max: Number(max ?? min) });
  }
  return found;
}

/**
 * Reads an AS_PATH mask as BIRD writes it: only one position, anywhere or at an end, can become a rule. At it there may
 * be a number, a range or a set.
 */
function maskCondition(mask: string): Condition | undefined {
  if (mask === '*') return always;
  const [, before, at, after] = /^(\* )?(\d[\d .]*|\[ [\d .,]+ \])( \*)?$/.exec(mask) ?? [];
  const ranges = at === undefined ? undefined : asnRangesIn(at);
  if (ranges === undefined) return undefined;
  if (before !== undefined) return asIn(after === undefined ? 'origin_as' : 'as_path', ranges);
  if (after !== undefined) return asIn('first_as', ranges);
  return all([asIn('origin_as', ranges), atom({ key: 'as_path_length', min: 1, max: 1 })]);
}
