import type { CliHost } from './host.ts';

type Paint = (text: string) => string;

/** Colours by meaning; they are empty unless the output is a terminal. */
export interface Style {
  readonly good: Paint;
  readonly busy: Paint;
  readonly bad: Paint;
  readonly strong: Paint;
  readonly faint: Paint;
}

/** Colours are used if stdout is a terminal that is not dumb, and the environment has no `NO_COLOR`. */
export function styleFor({ stdout, env }: CliHost): Style {
  const isPlain = stdout.isTTY !== true || (env.NO_COLOR ?? '') !== '' || env.TERM === 'dumb';
  const paint =
    (code: number): Paint =>
    (text) =>
      isPlain || text === '' ? text : `\u001b[${code}m${text}\u001b[0m`;
  return { good: paint(32), busy: paint(33), bad: paint(31), strong: paint(1), faint: paint(2) };
}
