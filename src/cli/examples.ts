/** Returns text for `addHelpText('after', …)`: lines of `command  what it is for`. */
export function examples(
  ...lines: readonly (readonly [command: string, purpose: string])[]
): string {
  const width = Math.max(...lines.map(([command]) => command.length));
  const texts = lines.map(
    ([command, purpose]) => `  fingerpost ${command.padEnd(width)}  ${purpose}`,
  );
  return `\nExamples:\n${texts.map((line) => line.trimEnd()).join('\n')}`;
}
