import { BirdComparisons, type BirdContext } from './bird-comparisons.ts';
import { readerOf, type TokenReader } from './bird-reader.ts';
import { split, textOf, type Token } from './bird-tokens.ts';
import { ImportError } from './model.ts';
import {
  all,
  always,
  any,
  type Condition,
  never,
  not,
  type Statement,
  unknownAt,
} from './program.ts';

/** The names that a filter may use. */
export interface BirdNames {
  /** The tokens of `define NAME = …`. */
  readonly constants: ReadonlyMap<string, readonly Token[]>;
  readonly functions: ReadonlyMap<string, BirdFunction>;
  /** Returns the name of the peer with this address. */
  readonly peerAt: (address: string) => string | undefined;
}

export interface BirdFunction {
  readonly parameters: readonly string[];
  readonly body: readonly Token[];
}

/** A branch of a function that returns a value. */
interface Answer {
  readonly condition: Condition;
  readonly answer: Condition;
}

type Note = (line: number, text: string) => void;

const deepest = 16;

/** Reads the body of a filter of BIRD 1.6 or 2; what no rule can express is noted. */
export class BirdFilter {
  private readonly names: BirdNames;
  private readonly comparisons: BirdComparisons;
  private readonly note: Note;
  private depth = 0;
  /** Variables that were declared without a value. */
  private readonly locals = new Set<string>();
  private readonly bound = new Map<string, readonly Token[]>();

  constructor(names: BirdNames, context: BirdContext, note: Note) {
    this.names = names;
    this.note = note;
    this.comparisons = new BirdComparisons({
      ...context,
      peerAt: names.peerAt,
      resolved: (tokens) => this.resolved(tokens),
    });
  }

  statements(tokens: readonly Token[]): Statement[] {
    const reader = readerOf(tokens);
    const found: Statement[] = [];
    while (!reader.isAtEnd) found.push(...this.statement(reader));
    return found;
  }

  /** Returns the condition of `where`, or of an `if`. */
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
    if (reader.is('case')) return this.case(reader);
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

  /** No case is read; one that may reject is a rejection under a condition that is not understood. */
  private case(reader: TokenReader): Statement[] {
    const { line } = reader.next;
    const { head, body } = caseOf(reader);
    this.left(line, `${head} { … }`);
    const mayReject = body.some(({ text }) => text === 'reject' || this.names.functions.has(text));
    const condition = unknownAt(line);
    return mayReject ? [{ kind: 'if', condition, then: [{ kind: 'reject' }], otherwise: [] }] : [];
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

  /** Reads `int x = 5;`: from here on the name stands for this value. */
  private declared(tokens: readonly Token[]): Statement[] {
    const at = tokens.findIndex(({ text }) => text === '=');
    if (at > 0) this.bound.set(tokens[at - 1].text, tokens.slice(at + 1));
    else this.locals.add(tokens[1].text);
    return [];
  }

  /** Reads `name(…);`, a call of a function that decides or writes. */
  private call(tokens: readonly Token[]): Statement[] | undefined {
    const body = this.bodyOf(tokens);
    if (body === undefined) return undefined;
    return this.inside(() => this.statements(body));
  }

  /** Returns the body of a called function with its parameters replaced; `undefined` if this is not a call. */
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
    if (attribute === 'bgp_path' && verb === 'prepend') {
      const asn = prependedAs(value);
      return asn === undefined
        ? undefined
        : [{ kind: 'set', write: { key: 'prepend', asns: [asn] } }];
    }
    if (attribute !== 'bgp_community' && attribute !== 'bgp_large_community') return undefined;
    if (verb !== 'add' && verb !== 'delete') return undefined;
    const texts = this.comparisons.tuples(value);
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
    const found = this.comparisons.condition(left, sign, right);
    if (found === undefined) return this.unknown(tokens);
    return isNegated ? not(found) : found;
  }

  /** Reads a term without an operator: a word, `defined(…)`, or the call of a function that returns a value. */
  private plain(tokens: readonly Token[]): Condition {
    const text = textOf(tokens);
    if (text === 'true' || text === 'yes' || text === 'on') return always;
    if (text === 'false' || text === 'no' || text === 'off') return never;
    const body = this.bodyOf(tokens);
    const answer = body === undefined ? undefined : this.inside(() => this.answer(body));
    return answer ?? this.unknown(tokens);
  }

  /** Reads a function that is `return EXPR;`, or consists of branches that return. */
  private answer(body: readonly Token[]): Condition | undefined {
    const reader = readerOf(body);
    const rows: Answer[] = [];
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
      if (reader.is('case')) {
        const { line } = reader.next;
        this.note(line, `not understood; treated as false: ${caseOf(reader).head} { … }`);
        rows.push({ condition: always, answer: unknownAt(line) });
        break;
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
    return rows.reduceRight<Condition>((rest, row) => answered(row, rest), never);
  }

  /** Replaces constants, local names and `peeras` by their values. */
  private resolved(tokens: readonly Token[], users: readonly string[] = []): readonly Token[] {
    return tokens.flatMap((token): readonly Token[] => {
      // A name never stands for itself.
      if (token.kind !== 'word' || users.includes(token.text)) return [token];
      const known = this.bound.get(token.text) ?? this.names.constants.get(token.text);
      return known === undefined ? [token] : this.resolved(known, [...users, token.text]);
    });
  }

  private unknown(tokens: readonly Token[]): Condition {
    const line = tokens[0]?.line ?? 0;
    this.note(line, `not understood; treated as false: ${textOf(tokens)}`);
    return unknownAt(line);
  }
}

/** Takes `case EXPRESSION { … }`. */
function caseOf(reader: TokenReader): { head: string; body: readonly Token[] } {
  const head = [reader.take()];
  while (!reader.is('{') && !reader.isAtEnd) head.push(reader.take());
  reader.expect('{');
  return { head: textOf(head), body: reader.block('{', '}') };
}

/**
 * Returns what a function answers whose branch is `row` and whose remaining branches answer `rest`. A constant answer
 * needs the condition once only, so that checks in a row become an `or` of these checks.
 */
function answered({ condition, answer }: Answer, rest: Condition): Condition {
  if (answer.kind !== 'constant')
    return any([all([condition, answer]), all([not(condition), rest])]);
  return answer.value ? any([condition, rest]) : all([not(condition), rest]);
}

function prependedAs(value: readonly Token[]): number | 'first_as' | undefined {
  const text = textOf(value);
  if (text === 'bgp_path . first') return 'first_as';
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

const types = new Set([
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
]);

function isDeclaration([first, second]: readonly Token[]): boolean {
  return types.has(first?.text ?? '') && second?.kind === 'word';
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

/** Takes what precedes the next `&&` or `||` outside all brackets. */
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
