/** Lines of a rendered file: nested blocks are indented, absent ones left out. */
export type Line = string | undefined | readonly Line[];

/** Joins lines, with those of inner lists indented by `step`. */
export function lines(all: readonly Line[], step = '  '): string {
  return `${indented(all, step, '').join('\n')}\n`;
}

function indented(all: readonly Line[], step: string, before: string): string[] {
  return all.flatMap((line) => {
    if (line === undefined) return [];
    if (typeof line === 'string') return [line === '' ? '' : before + line];
    return indented(line, step, before + step);
  });
}

/** Returns the lines if the condition holds. */
export function when(condition: boolean, ...then: readonly Line[]): readonly Line[] {
  return condition ? then : [];
}

/** Returns a name that every daemon accepts: letters, digits and `_`, beginning with a letter. */
export function identifier(name: string): string {
  const plain = name.replaceAll(/[^A-Za-z0-9_]/g, '_');
  return /^[A-Za-z]/.test(plain) ? plain : `peer_${plain}`;
}
