import type { PrefixPattern } from '#policy/policy.ts';
import { parsePrefixPattern } from '#text/prefix.ts';
import { TextError } from '#text/text-error.ts';
import { readerOf, type TokenReader } from './bird-reader.ts';
import type { Token } from './bird-tokens.ts';
import { ImportError } from './model.ts';
import { lengthsOf } from './patterns.ts';
import {
  all,
  always,
  any,
  atom,
  type Atom,
  type Condition,
  never,
  not,
  notUnderstood,
  type Statement,
} from './program.ts';

/** What a filter may name. */
export interface BirdNames {
  /** Tokens of `define NAME = …`. */
  readonly constants: ReadonlyMap<string, readonly Token[]>;
  readonly functions: ReadonlyMap<string, BirdFunction>;
  /** The name of the peer with this address. */
  readonly peerAt: (address: string) => string | undefined;
}

export interface BirdFunction {
  readonly parameters: readonly string[];
  readonly body: readonly Token[];
}

/** Whose routes it judges: `peeras` and `from` stand for its own. */
export interface BirdContext {
  readonly families: readonly (0 | 1)[];
  readonly peerAs?: number;
  readonly address?: string;
}

type Note = (line: number, text: string) => void;

const maxNumber = 0xffff_ffff;
const deepest = 16;

/** Reads the body of a filter of BIRD 1.6 or 2; what has no rule here is noted. */
export class BirdFilter {
  private readonly names: BirdNames;
  private readonly context: BirdContext;
  private readonly note: Note;
  private depth = 0;
  /** Declared without a value. */
  private readonly locals = new Set<string>();
  private readonly bound = new Map<string, readonly Token[]>();

  constructor(names: BirdNames, context: BirdContext, note: Note) {
    this.names = names;
    this.context = context;
    this.note = note;
  }

  statements(tokens: readonly Token[]): Statement[] {
    const reader = readerOf(tokens);
    const found: Statement[] = [];
    while (!reader.isAtEnd) found.push(...this.statement(reader));
    return found;
  }

  /** The condition of `where`, or of an `if`. */
  condition(tokens: readonly Token[]): Condition {
    const reader = readerOf(tokens);
    const condition = this.or(reader);
    if (!reader.isAtEnd) return this.unknown(tokens);
    return condition;
  }

  private statement(reader: TokenReader): Statement[] {
    const { line } = reader.next;
    if (reader.skip(';')) return [];
    if (reader.skip('{')) return this.statements(reader.block('{', '}'));
    if (reader.skip('if')) return [this.branch(reader)];
    if (reader.is('accept') || reader.is('reject')) {
      const kind = reader.take().text === 'accept' ? 'accept' : 'reject';
      reader.statement();
      return [{ kind }];
    }
    if (reader.is('case')) {
      const tokens = [reader.take()];
      while (!reader.is('{') && !reader.isAtEnd) tokens.push(reader.take());
      reader.expect('{');
      reader.block('{', '}');
      return this.left(line, `${textOf(tokens)} { … }`);
    }
    const tokens = reader.statement();
    const [first] = tokens;
    if (first === undefined || ['print', 'printn', 'unset'].includes(first.text)) return [];
    if (isDeclaration(tokens)) return this.declared(tokens);
    if (this.locals.has(first.text) && tokens[1]?.text === '=') {
      this.bound.set(first.text, tokens.slice(2));
      return [];
    }
    if (first.text === 'return') return this.left(line, textOf(tokens));
    return this.call(tokens) ?? this.write(tokens) ?? this.left(line, textOf(tokens));
  }

  private branch(reader: TokenReader): Statement {
    const condition: Token[] = [];
    for (let depth = 0; !(depth === 0 && reader.is('then'));) {
      if (reader.isAtEnd) throw new ImportError(reader.next.line, 'expected then');
      const token = reader.take();
      condition.push(token);
      if (token.kind === 'sign' && '([{'.includes(token.text)) depth++;
      if (token.kind === 'sign' && ')]}'.includes(token.text)) depth--;
    }
    reader.expect('then');
    const then = this.statement(reader);
    const otherwise = reader.skip('else') ? this.statement(reader) : [];
    return { kind: 'if', condition: this.condition(condition), then, otherwise };
  }

  /** `int x = 5;`: what the name stands for from now on. */
  private declared(tokens: readonly Token[]): Statement[] {
    const at = tokens.findIndex(({ text }) => text === '=');
    if (at > 0) this.bound.set(tokens[at - 1].text, tokens.slice(at + 1));
    else this.locals.add(tokens[1].text);
    return [];
  }

  /** `name(…);` of a function that decides or writes. */
  private call(tokens: readonly Token[]): Statement[] | undefined {
    const body = this.bodyOf(tokens);
    if (body === undefined) return undefined;
    return this.inside(() => this.statements(body));
  }

  /** The body of a called function, its parameters replaced; `undefined` where it is no call. */
  private bodyOf(tokens: readonly Token[]): readonly Token[] | undefined {
    const [first, open, ...rest] = tokens;
    const known = first?.kind === 'word' ? this.names.functions.get(first.text) : undefined;
    if (known === undefined || open?.text !== '(' || rest.at(-1)?.text !== ')') return undefined;
    const given = split(rest.slice(0, -1), ',');
    const values = new Map(known.parameters.map((name, at) => [name, given[at] ?? []]));
    return known.body.flatMap((token) =>
      token.kind === 'word' ? (values.get(token.text) ?? [token]) : [token],
    );
  }

  private inside<Result>(action: () => Result): Result | undefined {
    if (this.depth >= deepest) return undefined;
    this.depth++;
    try {
      return action();
    } finally {
      this.depth--;
    }
  }

  private write(tokens: readonly Token[]): Statement[] | undefined {
    const text = textOf(tokens);
    const assigned = /^(\w+) = (.*)$/.exec(text);
    const value = assigned === null ? undefined : this.resolved(tokens.slice(2));
    if (assigned !== null && value !== undefined) return this.assigned(assigned[1], value);
    const method = /^(bgp_\w+) \. (add|delete|prepend|filter) \( ?(.*?) ?\)$/.exec(text);
    const old = /^(bgp_\w+) = (add|delete|prepend) \( \1 , (.*) \)$/.exec(text);
    const [, attribute, verb] = method ?? old ?? [];
    if (attribute === undefined) return undefined;
    const start = method === null ? 6 : 4;
    return this.changed(attribute, verb, tokens.slice(start, -1));
  }

  private assigned(name: string, value: readonly Token[]): Statement[] | undefined {
    const text = textOf(value);
    if (name === 'bgp_med' && value.length === 1 && value[0].kind === 'number') {
      return [{ kind: 'set', write: { key: 'med', value: Number(text) } }];
    }
    const sum = /^bgp_med ([+-]) (\d+)$/.exec(text);
    if (name === 'bgp_med' && sum !== null)
      return [{ kind: 'set', write: { key: 'med', value: sum[1] + sum[2] } }];
    if (name === 'bgp_local_pref' && value.length === 1 && value[0].kind === 'number') {
      return [{ kind: 'set', write: { key: 'local_pref', value: Number(text) } }];
    }
    if (name === 'bgp_next_hop' && value[0]?.kind === 'address') {
      return [{ kind: 'set', write: { key: 'next_hop', address: text } }];
    }
    const old = /^(add|delete|prepend) \( (\w+) , /.exec(text);
    if (old !== null && old[2] === name) return this.changed(name, old[1], value.slice(4, -1));
    return undefined;
  }

  private changed(
    attribute: string,
    verb: string,
    argument: readonly Token[],
  ): Statement[] | undefined {
    const value = this.resolved(argument);
    if (attribute === 'bgp_path' && verb === 'prepend' && value.length === 1) {
      return [{ kind: 'set', write: { key: 'prepend', asns: [Number(value[0].text)] } }];
    }
    if (attribute !== 'bgp_community' && attribute !== 'bgp_large_community') return undefined;
    if (verb !== 'add' && verb !== 'delete') return undefined;
    const texts = this.tuples(value);
    if (texts === undefined) return undefined;
    const key = verb === 'add' ? 'add_communities' : 'remove_communities';
    return [{ kind: 'set', write: { key, texts } }];
  }

  private left(line: number, text: string): Statement[] {
    this.note(line, `left out: ${text}`);
    return [];
  }

  private or(reader: TokenReader): Condition {
    const terms = [this.and(reader)];
    while (reader.skip('||')) terms.push(this.and(reader));
    return any(terms);
  }

  private and(reader: TokenReader): Condition {
    const terms = [this.term(reader)];
    while (reader.skip('&&')) terms.push(this.term(reader));
    return all(terms);
  }

  private term(reader: TokenReader): Condition {
    if (reader.skip('!')) return not(this.term(reader));
    if (reader.is('(') && reader.enclosesCondition()) {
      reader.take();
      return this.condition(reader.block('(', ')'));
    }
    return this.comparison(operand(reader));
  }

  private comparison(tokens: readonly Token[]): Condition {
    const at = topLevel(tokens, ['=', '!=', '<', '>', '<=', '>=', '~', '!~']);
    if (at < 0) return this.plain(tokens);
    const operator = tokens[at].text;
    const left = this.resolved(tokens.slice(0, at));
    const right = this.resolved(tokens.slice(at + 1));
    const isNegated = operator.startsWith('!');
    const sign = operator === '!=' ? '=' : operator === '!~' ? '~' : operator;
    const found = this.compared(textOf(left), left, sign, right);
    if (found === undefined) return this.unknown(tokens);
    return isNegated ? not(found) : found;
  }

  /** A term without an operator: a word, `defined(…)`, the call of a function that answers. */
  private plain(tokens: readonly Token[]): Condition {
    const text = textOf(tokens);
    if (text === 'true' || text === 'yes' || text === 'on') return always;
    if (text === 'false' || text === 'no' || text === 'off') return never;
    const body = this.bodyOf(tokens);
    const answer = body === undefined ? undefined : this.inside(() => this.answer(body));
    return answer ?? this.unknown(tokens);
  }

  /** Of a function that is `return EXPR;`, or branches that return. */
  private answer(body: readonly Token[]): Condition | undefined {
    const reader = readerOf(body);
    const rows: { condition: Condition; answer: Condition }[] = [];
    while (!reader.isAtEnd) {
      if (reader.skip('if')) {
        const condition: Token[] = [];
        while (!reader.is('then') && !reader.isAtEnd) condition.push(reader.take());
        reader.expect('then');
        const isBlock = reader.skip('{');
        const inner = isBlock ? readerOf(reader.block('{', '}')) : reader;
        if (!inner.skip('return')) return undefined;
        rows.push({
          condition: this.condition(condition),
          answer: this.condition(inner.statement()),
        });
        reader.skip('else');
        continue;
      }
      const statement = reader.statement();
      if (statement.length === 0 || statement[0].text === 'print') continue;
      if (isDeclaration(statement)) {
        this.declared(statement);
        continue;
      }
      if (statement[0].text !== 'return') return undefined;
      rows.push({ condition: always, answer: this.condition(statement.slice(1)) });
      break;
    }
    return rows.reduceRight<Condition>(
      (rest, { condition, answer }) => any([all([condition, answer]), all([not(condition), rest])]),
      never,
    );
  }

  private compared(
    subject: string,
    left: readonly Token[],
    sign: string,
    right: readonly Token[],
  ): Condition | undefined {
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
        return this.turned(left, sign, right);
    }
  }

  /** `(65000, 1) ~ bgp_community`, and a constant on the left of an equation. */
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
      return this.compared(subject, right, sign, left);
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

  /** `[ P, P+, P-, P{min,max} ]`. */
  private patterns(tokens: readonly Token[]): PrefixPattern[] | undefined {
    if (tokens[0]?.text !== '[' || tokens.at(-1)?.text !== ']') return undefined;
    const found: PrefixPattern[] = [];
    for (const item of split(tokens.slice(1, -1), ',')) {
      const [network, ...suffix] = this.resolved(item);
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
    const found = this.context.families.map((family) => lengthsOf(family, range.min, range.max));
    return prefixes(found.filter((it) => it !== undefined));
  }

  private typeIs(value: string): Condition | undefined {
    const family = ({ NET_IP4: 0, NET_IP6: 1 } as const)[value as 'NET_IP4'];
    if (family === undefined) return undefined;
    if (!this.context.families.includes(family)) return never;
    return this.context.families.length === 1
      ? always
      : prefixes([lengthsOf(family, 0, 128)].filter((it) => it !== undefined));
  }

  private asIs(
    key: 'first_as' | 'origin_as',
    sign: string,
    right: readonly Token[],
  ): Condition | undefined {
    const asns = numbers(sign, right);
    if (asns === undefined) return undefined;
    return atom({ key, asns });
  }

  /** `[= * 65000 * =]` and its ends. */
  private pathIs(right: readonly Token[]): Condition | undefined {
    const words = textOf(right);
    const mask = /^\[ = (.*) = \]$/.exec(words)?.[1];
    if (mask === undefined) {
      const asns = numbers('~', right);
      return asns === undefined ? undefined : atom({ key: 'as_path', asns });
    }
    return maskCondition(mask);
  }

  private nextHopIs(sign: string, right: readonly Token[]): Condition | undefined {
    const [value] = right;
    if (sign === '=' && (value?.text === 'from' || value?.text === this.context.address))
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
    const name = this.names.peerAt(value.text);
    return name === undefined ? never : atom({ key: 'peer', names: [name] });
  }

  private communityIs(subject: string, right: readonly Token[]): Condition | undefined {
    const texts = this.tuples(right);
    if (texts === undefined) return undefined;
    const key = subject.slice('bgp_'.length) as 'community' | 'large_community' | 'ext_community';
    return atom({ key, texts });
  }

  /** `(65000, 1)` or a set of these, as `65000:1`. */
  private tuples(tokens: readonly Token[]): string[] | undefined {
    const inner = tokens[0]?.text === '[' ? tokens.slice(1, -1) : tokens;
    const found: string[] = [];
    for (const item of split(inner, ',')) {
      const resolved = this.resolved(item);
      if (resolved[0]?.text === '[') {
        const nested = this.tuples(resolved);
        if (nested === undefined) return undefined;
        found.push(...nested);
        continue;
      }
      if (resolved[0]?.text !== '(' || resolved.at(-1)?.text !== ')') return undefined;
      const parts = split(resolved.slice(1, -1), ',').map((part) => textOf(this.resolved(part)));
      if (!parts.every((part) => /^(\d+|0x[0-9a-f]+|\*|rt|ro|generic)$/i.test(part)))
        return undefined;
      found.push(parts.join(':'));
    }
    return found;
  }

  /** Constants, local names and `peeras` replaced by what they stand for. */
  private resolved(tokens: readonly Token[], users: readonly string[] = []): readonly Token[] {
    return tokens.flatMap((token): readonly Token[] => {
      // A name never stands for itself.
      if (token.kind !== 'word' || users.includes(token.text)) return [token];
      const known = this.bound.get(token.text) ?? this.names.constants.get(token.text);
      return known === undefined ? [token] : this.resolved(known, [...users, token.text]);
    });
  }

  private unknown(tokens: readonly Token[]): Condition {
    this.note(tokens[0]?.line ?? 0, `not understood, taken for false: ${textOf(tokens)}`);
    return notUnderstood;
  }
}

const types = [
  'int',
  'bool',
  'ip',
  'prefix',
  'pair',
  'quad',
  'ec',
  'lc',
  'string',
  'bgpmask',
  'bgppath',
  'clist',
  'eclist',
  'lclist',
  'set',
];

function isDeclaration([first, second]: readonly Token[]): boolean {
  return types.includes(first?.text ?? '') && second?.kind === 'word';
}

export function textOf(tokens: readonly Token[]): string {
  return tokens.map(({ text }) => text).join(' ');
}

/** Throws an ImportError for what BIRD would not take either. */
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

const widestRange = 64;

/** A number, or a set of numbers and short ranges. */
function numbers(sign: string, right: readonly Token[]): number[] | undefined {
  const items = right[0]?.text === '[' ? split(right.slice(1, -1), ',') : [right];
  if (sign !== '=' && sign !== '~') return undefined;
  const found: number[] = [];
  for (const item of items) {
    const [, min, max] = /^(\d+)(?: \.\. (\d+))?$/.exec(textOf(item)) ?? [];
    if (min === undefined || Number(max ?? min) - Number(min) > widestRange) return undefined;
    for (let each = Number(min); each <= Number(max ?? min); each++) found.push(each);
  }
  return found;
}

/** Of AS_PATH as BIRD writes it: only one number, anywhere or at an end, has a rule. */
function maskCondition(mask: string): Condition | undefined {
  const [, anywhere] = /^\* (\d+) \*$/.exec(mask) ?? [];
  if (anywhere !== undefined) return atom({ key: 'as_path', asns: [Number(anywhere)] });
  const [, last] = /^\* (\d+)$/.exec(mask) ?? [];
  if (last !== undefined) return atom({ key: 'origin_as', asns: [Number(last)] });
  const [, first] = /^(\d+) \*$/.exec(mask) ?? [];
  if (first !== undefined) return atom({ key: 'first_as', asns: [Number(first)] });
  const [, only] = /^(\d+)$/.exec(mask) ?? [];
  if (only !== undefined) {
    return all([
      atom({ key: 'origin_as', asns: [Number(only)] }),
      atom({ key: 'as_path_length', min: 1, max: 1 }),
    ]);
  }
  return mask === '*' ? always : undefined;
}

/** Splits at a sign outside all brackets; a leading `(` or `{` belongs to its item. */
function split(tokens: readonly Token[], sign: string): Token[][] {
  const found: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (token.kind === 'sign' && '([{'.includes(token.text)) depth++;
    if (token.kind === 'sign' && ')]}'.includes(token.text)) depth--;
    if (depth === 0 && token.kind === 'sign' && token.text === sign) found.push([]);
    else found.at(-1)?.push(token);
  }
  return found.filter((item) => item.length > 0);
}

function topLevel(tokens: readonly Token[], signs: readonly string[]): number {
  let depth = 0;
  return tokens.findIndex(({ kind, text }) => {
    if (kind !== 'sign') return false;
    if ('([{'.includes(text)) depth++;
    if (')]}'.includes(text)) depth--;
    return depth === 0 && signs.includes(text);
  });
}

/** What stands before the next `&&` or `||` outside all brackets. */
function operand(reader: TokenReader): Token[] {
  const found: Token[] = [];
  for (let depth = 0; !reader.isAtEnd;) {
    if (depth === 0 && (reader.is('&&') || reader.is('||'))) break;
    const token = reader.take();
    if (token.kind === 'sign' && '([{'.includes(token.text)) depth++;
    if (token.kind === 'sign' && ')]}'.includes(token.text)) depth--;
    found.push(token);
  }
  return found;
}
