/**
 * The kinds of value that a key may have. Each says in `errorMessage` what was expected: editors show it (a
 * keyword of the YAML language server), and so does `fingerpost check`.
 */
import { type TSchema, Type } from 'typebox';

export interface KeyHelp {
  /** Help for editors; a sentence or two. */
  readonly description: string;
  readonly default?: unknown;
}

/** Of a mapping: other keys are errors. */
export const closed = { additionalProperties: false } as const;

const maxU32 = 0xffff_ffff;

/** A count of seconds, or a number with its unit; at least 1 s. */
export function duration(help: KeyHelp) {
  return durationFrom('1s', help);
}

/** Like `duration`, for what must be faster. */
export function shortDuration(least: '50ms' | '100ms', help: KeyHelp) {
  return durationFrom(least, help);
}

/** Like `duration`; 0 is allowed too and stands for never, or for none. */
export function durationOrNever(help: KeyHelp) {
  const never = [Type.Literal(0), Type.String({ pattern: '^0{1,9}(ms|s|m|h|d)?$' })];
  return durationFrom('1s', help, never);
}

function durationFrom(least: keyof typeof millisecondsFrom, help: KeyHelp, never: TSchema[] = []) {
  const milliseconds = `0*${millisecondsFrom[least]}ms`;
  return Type.Union(
    [
      Type.Integer({ minimum: 1 }),
      Type.String({ pattern: `^((?=[0-9]{1,9}[^0-9]*$)0*[1-9][0-9]*(s|m|h|d)?|${milliseconds})$` }),
      ...never,
    ],
    {
      ...help,
      errorMessage:
        `expected ${never.length > 0 ? '0 or ' : ''}a duration of at least ${least}, ` +
        'such as 6, 6s, 1500ms, 2m, 1h or 30d',
    },
  );
}

/** Numbers of milliseconds that are at least this, without leading zeros. */
const millisecondsFrom = {
  '50ms': '([5-9][0-9]|[1-9][0-9]{2,8})',
  '100ms': '[1-9][0-9]{2,8}',
  '1s': '[1-9][0-9]{3,8}',
} as const;

/** A count of bytes, or a number with its unit. */
export function size(help: KeyHelp) {
  return Type.Union(
    [Type.Integer({ minimum: 0 }), Type.String({ pattern: '^[0-9]{1,9}(B|KiB|MiB|GiB|TiB)?$' })],
    { ...help, errorMessage: 'expected a size such as 1048576, 64KiB, 256MiB or 1GiB' },
  );
}

/** 1 to 100, with its sign. */
export function percentage(help: KeyHelp) {
  return Type.String({
    pattern: '^([1-9][0-9]?|100)%$',
    ...help,
    errorMessage: 'expected a share such as 50%',
  });
}

export function flag(help: KeyHelp) {
  return Type.Boolean({ ...help, errorMessage: 'expected true or false' });
}

/** A whole number; both bounds are allowed. */
export function whole(minimum: number, maximum: number, help: KeyHelp) {
  const errorMessage = `expected a whole number from ${minimum} to ${maximum}`;
  return Type.Integer({ minimum, maximum, ...help, errorMessage });
}

export function text(help: KeyHelp) {
  return Type.String({ minLength: 1, maxLength: 255, ...help, errorMessage: 'expected text' });
}

/** A name that needs no quoting in a URL, a metric or a shell. */
export function name(help: KeyHelp) {
  return Type.String({ pattern: namePattern, ...help, errorMessage: nameExpected });
}
export const namePattern = '^[A-Za-z0-9_][A-Za-z0-9_.:-]{0,63}$';
const nameExpected =
  'expected a name: 1 to 64 letters, digits and _ . : - beginning with a letter, digit or _';

/** One word of a few. */
export function word<Words extends string[]>(words: readonly [...Words], help: KeyHelp) {
  return Type.Enum<Words>(words, { ...help, errorMessage: oneOf(words) });
}

/**
 * Text whose syntax the functions of `#text` check: an address, a prefix, a community. No number is one, in quotes or
 * not; `ofNumber` says what else to write, with N for the number.
 */
export function notation(expected: string, help: KeyHelp, ofNumber = '') {
  return Type.String({ minLength: 1, ...help, errorMessage: `expected ${expected}`, ofNumber });
}

/** An address and port to listen on or connect to. */
export function endpoint(description: string) {
  return notation('address and port such as 127.0.0.1:9179 or "[::1]:9179"', { description });
}

/** Plain digits, or asdot `1.10` (RFC 5396), which is a fraction to an editor; hence no Integer. */
export function asn(help: KeyHelp) {
  const errorMessage = `expected an AS number from 1 to ${maxU32}`;
  return Type.Number({ exclusiveMinimum: 0, maximum: maxU32, asdot: true, ...help, errorMessage });
}

/** An AS, or `64512-65534` and `4200000000-`, whose bounds may be asdot too. */
export function asnRange(help: KeyHelp) {
  return Type.Union([asn(help), Type.String({ pattern: '^[0-9.]{1,11}-([0-9.]{1,11})?$' })], {
    ...help,
    errorMessage: `expected an AS number from 1 to ${maxU32} or a range such as 64512-65534`,
  });
}

/** `100`, `"0-499"` or `"1000-"`. */
export function numberRange(help: KeyHelp) {
  return Type.Union(
    [
      Type.Integer({ minimum: 0, maximum: maxU32 }),
      Type.String({ pattern: '^[0-9]{1,10}(-([0-9]{1,10})?)?$' }),
    ],
    { ...help, errorMessage: 'expected a number or a range, such as 100, "0-499" or "1000-"' },
  );
}

/** A value, or a list of them. */
export function oneOrMany<Item extends TSchema>(item: Item, help: KeyHelp) {
  const errorMessage = `${messageOf(item)}, or a list of these`;
  return Type.Union([item, Type.Array(item, { errorMessage })], { ...help, errorMessage });
}

/** Like `oneOrMany`, for keys where an empty list would match nothing, and is a mistake. */
export function oneOrSeveral<Item extends TSchema>(item: Item, help: KeyHelp) {
  const errorMessage = `${messageOf(item)}, or a list of these`;
  return Type.Union([item, Type.Array(item, { minItems: 1, errorMessage })], {
    ...help,
    errorMessage,
  });
}

export function list<Item extends TSchema>(
  item: Item,
  help: KeyHelp & { readonly minItems?: number },
) {
  const what = help.minItems === undefined ? 'a list' : 'a list that is not empty';
  return Type.Array(item, { ...help, errorMessage: `expected ${what}` });
}

/** `a`, `a or b`, `a, b or c`. */
export function oneOf(words: readonly string[]): string {
  const last = words.at(-1);
  return `expected ${words.length < 2 ? last : `${words.slice(0, -1).join(', ')} or ${last}`}`;
}

function messageOf(schema: TSchema): string {
  return 'errorMessage' in schema ? String(schema.errorMessage) : 'expected a value';
}
