/** Values with units, as the schema accepts them; a value that it would refuse gives NaN. */

const durationMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const sizeBytes = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 } as const;

/** Returns the milliseconds of `6`, `6s`, `500ms`, `2m`, `1h`, `30d`; a bare number counts seconds. */
export function durationToMs(value: string | number): number {
  return scaled(value, durationMs, 's');
}

/** Returns the bytes of `1048576`, `64KiB`, `256MiB`. */
export function sizeToBytes(value: string | number): number {
  return scaled(value, sizeBytes, 'B');
}

/** Returns 0.5 for `50%`. */
export function percentageToShare(value: string): number {
  return Number(value.replace('%', '')) / 100;
}

/** Parses `100`, `0-499`, `1000-`; the caller has to refuse a minimum above the maximum. */
export function toRange(value: string | number): { readonly min: number; readonly max: number } {
  const [min, max] = String(value).split('-');
  if (max === undefined) return { min: Number(min), max: Number(min) };
  return { min: Number(min), max: max === '' ? Number.POSITIVE_INFINITY : Number(max) };
}

function scaled<Units extends Readonly<Record<string, number>>>(
  value: string | number,
  units: Units,
  bare: keyof Units & string,
): number {
  const match = /^(\d+)([A-Za-z]*)$/.exec(String(value));
  if (match === null) return Number.NaN;
  const unit = match[2] === '' ? bare : match[2];
  return Object.hasOwn(units, unit) ? Number(match[1]) * units[unit] : Number.NaN;
}
