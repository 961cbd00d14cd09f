/** Returns a title and lines of `name  value` below it; an empty value has no line. */
export function fields(
  title: string,
  lines: readonly (readonly [name: string, value: string])[],
): string {
  const told = lines.filter(([, value]) => value !== '');
  const width = Math.max(...told.map(([name]) => name.length));
  return [title, ...told.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`)].join('\n');
}
