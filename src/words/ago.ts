/**
 * Returns a length of time in the two units that matter: `8 s`, `12 min 4 s`, `3 h 20 min`, `2 d 4 h`, `31 d`.
 * `seconds` below zero counts as zero.
 */
export function spanText(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} s`;
  const at = units.findIndex(([size]) => whole >= size);
  const [size, unit] = units[at];
  const [smallSize, smallUnit] = units[at + 1];
  const remainder = Math.floor((whole % size) / smallSize);
  const isLong = whole >= 10 * 86_400 || remainder === 0;
  return `${Math.floor(whole / size)} ${unit}${isLong ? '' : ` ${remainder} ${smallUnit}`}`;
}

/** Each unit in seconds, and its name. */
const units = [
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'min'],
  [1, 's'],
] as const;
