/** The meaning of a piece of text; each output has its own way to show it. */
export type Tone = 'plain' | 'dim' | 'bold' | 'good' | 'bad' | 'W1' | 'W2' | 'W3';

export interface Span {
  readonly text: string;
  readonly tone: Tone;
}

export type Line = readonly Span[];
export type Frame = readonly Line[];

export function span(text: string, tone: Tone = 'plain'): Span {
  return { text, tone };
}

/** Padded to the width, or cut. */
export function cell(text: string, width: number, tone: Tone = 'plain'): Span {
  return { text: text.slice(0, width).padEnd(width), tone };
}

export function plainText(frame: Frame): string {
  return frame
    .map((line) =>
      line
        .map(({ text }) => text)
        .join('')
        .trimEnd(),
    )
    .join('\n');
}

const codes: Readonly<Record<Tone, string>> = {
  plain: '0',
  dim: '2',
  bold: '1',
  good: '32',
  bad: '1;31',
  W1: '36',
  W2: '35',
  W3: '33',
};

/** For a terminal: drawn over what is there, from its upper left corner. */
export function ansiText(frame: Frame): string {
  const lines = frame.map((line) => `${line.map(ansiSpan).join('')}\x1b[K\n`);
  return `\x1b[H${lines.join('')}\x1b[J`;
}

function ansiSpan({ text, tone }: Span): string {
  return tone === 'plain' ? text : `\x1b[${codes[tone]}m${text}\x1b[0m`;
}
