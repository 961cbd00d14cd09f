import { formatPrefix, parsePrefix, parsePrefixPattern } from '#text/prefix.ts';
import { TextError } from '#text/text-error.ts';
import type { FrrLine } from './frr-lines.ts';
import {
  all,
  always,
  any,
  asIn,
  atom,
  type Condition,
  firstOf,
  never,
  unknownAt,
} from './program.ts';

interface Row {
  readonly order: number;
  readonly answer: boolean;
  readonly condition: Condition;
}

type Note = (line: number, text: string) => void;

/** The lists of a configuration: a route map asks whether a list permits the route. */
export class FrrLists {
  private readonly rows = new Map<string, Row[]>();
  private readonly note: Note;

  constructor(note: Note) {
    this.note = note;
  }

  /** Returns whether the line belonged to a list. */
  take({ words, line }: FrrLine): boolean {
    const start = words[0] === 'bgp' || words[0] === 'ip' || words[0] === 'ipv6' ? 1 : 0;
    const kind = words[start];
    const take = takers[kind];
    if (take === undefined) return false;
    const isPrefixList = kind === 'prefix-list';
    const rest = words.slice(start + 1);
    const family = words[0] === 'ipv6' ? 'ipv6' : 'ip';
    this.entry(isPrefixList ? `${family} ${kind}` : kind, rest, line, take);
    return true;
  }

  /** Returns the condition under which the list permits a route. A list that is not defined permits nothing. */
  permits(kind: string, name: string, line: number): Condition {
    const rows = this.rows.get(`${kind} ${name}`);
    if (rows !== undefined) return firstOf(rows.toSorted((a, b) => a.order - b.order));
    this.note(line, `${kind} ${name} is not defined; it is treated as a list that permits nothing`);
    return never;
  }

  /**
   * Returns the communities that a list permits, each by itself; `undefined` if the list says more than that.
   */
  texts(kind: string, name: string): string[] | undefined {
    const rows = this.rows.get(`${kind} ${name}`) ?? [];
    const found = rows.map(({ answer, condition }) =>
      answer && condition.kind === 'atom' && 'texts' in condition.atom
        ? condition.atom.texts
        : undefined,
    );
    return found.includes(undefined) || found.length === 0
      ? undefined
      : found.flatMap((it) => it ?? []);
  }

  private entry(kind: string, words: readonly string[], line: number, take: Taker): void {
    const rest = words[0] === 'access-list' ? words.slice(1) : [...words];
    const isNamed = rest[0] === 'standard' || rest[0] === 'expanded';
    const style = isNamed ? rest.shift() : undefined;
    const name = rest.shift() ?? '';
    if (rest[0] === 'description') return;
    const rows = this.rows.get(`${kind} ${name}`) ?? [];
    this.rows.set(`${kind} ${name}`, rows);
    const order = rest[0] === 'seq' ? Number(rest.splice(0, 2)[1]) : 5 * (rows.length + 1);
    const verb = rest.shift();
    if (verb !== 'permit' && verb !== 'deny') {
      this.note(line, `left out: ${words.join(' ')}`);
      return;
    }
    const isExpanded = style === 'expanded' || (style === undefined && Number(name) >= 100);
    const taken = take(rest, isExpanded, kind);
    const condition = taken.kind === 'unknown' ? unknownAt(line) : taken;
    if (condition.kind === 'unknown')
      this.note(line, `not understood; treated as false: ${kind} ${name} ${rest.join(' ')}`);
    rows.push({ order, answer: verb === 'permit', condition });
  }
}

/** The line of a row that is not understood is not known here. */
const notUnderstood = unknownAt(0);

type Taker = (words: readonly string[], isExpanded: boolean, kind: string) => Condition;

const takers: Readonly<Record<string, Taker>> = {
  'prefix-list': prefixCondition,
  'as-path': (words) => asPathCondition(words.join(' ')),
  'community-list': (words, isExpanded) => communityCondition('community', words, isExpanded),
  'large-community-list': (words, isExpanded) =>
    communityCondition('large_community', words, isExpanded),
};

function prefixCondition(
  [network = '', ...rest]: readonly string[],
  _isExpanded: boolean,
  kind: string,
): Condition {
  const widest = kind.startsWith('ipv6') ? 128 : 32;
  const isAny = network === 'any';
  const every = widest === 128 ? '::/0' : '0.0.0.0/0';
  const value = (word: string): number | undefined => {
    const at = rest.indexOf(word);
    return at < 0 ? undefined : Number(rest[at + 1]);
  };
  const ge = value('ge') ?? (isAny ? 0 : undefined);
  const le = value('le') ?? (ge === undefined ? undefined : widest);
  try {
    const { lengthBits, ...prefix } = parsePrefix(isAny ? every : network, 'mask');
    const text = formatPrefix({ ...prefix, lengthBits });
    const lengths = `{${ge ?? lengthBits},${le ?? lengthBits}}`;
    return atom({ key: 'prefix', patterns: [parsePrefixPattern(text + lengths)] });
  } catch (error) {
    if (error instanceof TextError) return notUnderstood;
    throw error;
  }
}

/** Reads a regular expression over AS_PATH as text; an expression about one AS becomes a rule. */
function asPathCondition(given: string): Condition {
  const expression = given.replace(/^(?:access-list )?/, '').trim();
  if (['.*', '.', '^.*$', ''].includes(expression)) return always;
  if (expression === '^$') return atom({ key: 'as_path_length', min: 0, max: 0 });
  const several = /^(\^|_)?\(([\d|]+)\)(_|\$)?$/.exec(expression);
  if (several !== null) {
    const [, before = '', numbers, after = ''] = several;
    return any(numbers.split('|').map((asn) => asPathCondition(`${before}${asn}${after}`)));
  }
  const [, before = '', digits, after = ''] =
    /^(\^|_)?(\d+)(_|\$|_\.\*|\.\*)?$/.exec(expression) ?? [];
  if (digits === undefined) return notUnderstood;
  const ranges = [{ min: Number(digits), max: Number(digits) }];
  if (before === '^' && after === '$') {
    return all([asIn('origin_as', ranges), atom({ key: 'as_path_length', min: 1, max: 1 })]);
  }
  if (before === '^' && after !== '') return asIn('first_as', ranges);
  if (before === '_' && after === '$') return asIn('origin_as', ranges);
  return before === '_' && after === '_' ? asIn('as_path', ranges) : notUnderstood;
}

const wellKnown: Readonly<Record<string, string>> = {
  'no-export': '65535:65281',
  'no-advertise': '65535:65282',
  'local-as': '65535:65283',
  'graceful-shutdown': '65535:0',
  blackhole: '65535:666',
};

/**
 * A row needs all of its communities; an expression is understood if it is one community, with or without `*`.
 */
function communityCondition(
  key: 'community' | 'large_community',
  words: readonly string[],
  isExpanded: boolean,
): Condition {
  if (words.length === 0 || words[0] === 'internet') return always;
  if (!isExpanded) {
    const texts = words.map((word) => wellKnown[word] ?? word);
    return all(texts.map((text) => atom({ key, texts: [text] })));
  }
  const expression = words.join(' ').replace(/^[_^]/, '').replace(/[_$]$/, '');
  const text = expression.replaceAll(/\[0-9\]\+|\(?\.\*\)?|\\d\+/g, '*');
  return /^(\d+|\*)(:(\d+|\*)){1,2}$/.test(text) ? atom({ key, texts: [text] }) : notUnderstood;
}

export function communityText(word: string): string {
  return wellKnown[word] ?? word;
}
