/** Returns a title and lines of `name  value` below it; an empty value has no line. */
export function fields(
  title: string,
  lines: readonly (readonly [name: string, value: string])[],
): string {
  const shown = lines.filter(([, value]) => value !== '');
  const width = Math.max(...shown.map(([name]) => name.length));
  return [title, ...shown.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`)].join('\n');
}
