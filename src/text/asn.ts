import { TextError } from './text-error.ts';

const maxAsn = 0xffff_ffff;

const plain = /^(0|[1-9]\d{0,9})$/;
const asdot = /^(0|[1-9]\d{0,4})\.(0|[1-9]\d{0,4})$/;

/** Returns the AS number of plain digits or asdot (RFC 5396): 65546 for `1.10`. `undefined` for anything else. */
export function parseAsn(text: string): number | undefined {
  if (plain.test(text)) return Number(text) <= maxAsn ? Number(text) : undefined;
  const [, high, low] = asdot.exec(text) ?? [];
  if (high === undefined || Number(high) > 0xffff || Number(low) > 0xffff) return undefined;
  return Number(high) * 0x1_0000 + Number(low);
}

/** AS numbers, both bounds included. */
export interface AsnRange {
  readonly min: number;
  readonly max: number;
}

/** Parses `64512-65534`, `1.0-1.10` or `4200000000-`, which has no end. Throws a `TextError`. */
export function parseAsnRange(text: string): AsnRange {
  const [first = '', last, ...rest] = text.split('-');
  const min = parseAsn(first);
  const max = last === '' ? maxAsn : parseAsn(last ?? '');
  if (min === undefined || max === undefined || rest.length > 0) {
    throw new TextError(
      'bad_pattern',
      `${text}: expected a range of AS numbers such as 64512-65534`,
    );
  }
  if (min === 0) throw new TextError('bad_pattern', `${text}: AS 0 is in no AS_PATH; begin with 1`);
  if (min > max) {
    throw new TextError('bad_pattern', `${text}: the first AS number is greater than the second`);
  }
  return { min, max };
}

/** Returns the numbers that are in both ranges; `undefined` if there is none. */
export function overlapOf(a: AsnRange, b: AsnRange): AsnRange | undefined {
  const [min, max] = [Math.max(a.min, b.min), Math.min(a.max, b.max)];
  return min > max ? undefined : { min, max };
}
