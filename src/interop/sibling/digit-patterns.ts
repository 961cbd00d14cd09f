/**
 * Returns regular expressions for the decimal numbers from `min` to `max`, of which each number matches exactly one as
 * a whole: `6451[2-9]`, `645[2-9][0-9]`, `64[6-9][0-9][0-9]`, … They use digits and `[a-b]` only. `min` is at least 0.
 */
export function digitPatterns(min: number, max: number): string[] {
  const found: string[] = [];
  for (let first = min; first <= max;) {
    const last = lastOfPattern(first, max);
    found.push(patternOf(String(first), String(last)));
    first = last + 1;
  }
  return found;
}

/** Returns the last number up to `max` for which one pattern serves from `first` on. */
function lastOfPattern(first: number, max: number): number {
  const digits = String(first).length;
  let last = first;
  for (let unit = 1; String(unit).length <= digits; unit *= 10) {
    // Every digit below this one is free, so all of them must begin with 0.
    if (first % unit !== 0) break;
    const digit = Math.floor(first / unit) % 10;
    const most = Math.floor((max - first + 1) / unit);
    if (most === 0) break;
    last = first + Math.min(most, 10 - digit) * unit - 1;
    if (most < 10 - digit) break;
  }
  return last;
}

/** Both have equally many digits. */
function patternOf(first: string, last: string): string {
  return [...first]
    .map((digit, at) => (digit === last[at] ? digit : `[${digit}-${last[at]}]`))
    .join('');
}
