import type { Frame, Line, Span, Tone } from './frame.ts';

/** A frame, and how long it is shown. */
export interface Shown {
  readonly frame: Frame;
  readonly ms: number;
}

const colours: Readonly<Record<Tone, string>> = {
  plain: '#d8dee9',
  dim: '#7b879b',
  bold: '#ffffff',
  good: '#8fbf7f',
  bad: '#ff6b6b',
  W1: '#5fd0e0',
  W2: '#d49bff',
  W3: '#f2c14e',
};
const lineHeight = 18;
const charWidth = 7.83;
const columns = 92;
const margin = 16;

/** An animation that uses CSS alone and repeats forever: the frames are side by side, and a window jumps along them. */
export function svg(shown: readonly Shown[]): string {
  const rows = Math.max(...shown.map(({ frame }) => frame.length));
  const width = Math.ceil(columns * charWidth + 2 * margin);
  const height = rows * lineHeight + 2 * margin;
  const lines = new Map<string, number>();
  const frames = shown.map(({ frame }, index) => drawFrame(frame, index * width, lines));
  const total = shown.reduce((sum, { ms }) => sum + ms, 0);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>A failover across BIRD, FRR and fingerpost, in the lab</title>
<style>
text { font: 13px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; white-space: pre; fill: ${colours.plain}; }
${Object.entries(colours)
  .map(([tone, colour]) => `.${tone} { fill: ${colour}; }`)
  .join('\n')}
.bold { font-weight: bold; }
#film { animation: film ${(total / 1000).toFixed(1)}s steps(1, end) infinite; }
@keyframes film {
${keyframes(shown, total, width)}
}
</style>
<defs>
${[...lines].map(([text, id]) => `<text id="l${id}" xml:space="preserve">${text}</text>`).join('\n')}
</defs>
<rect width="100%" height="100%" rx="8" fill="#1b2230"/>
<svg width="${width}" height="${height}">
<g id="film">
${frames.join('\n')}
</g>
</svg>
</svg>
`;
}

/** Lines that occur again are drawn once and used several times. */
function drawFrame(frame: Frame, left: number, lines: Map<string, number>): string {
  return frame
    .flatMap((line, row) => {
      if (line.length === 0) return [];
      const text = drawLine(line);
      const id = lines.get(text) ?? lines.size;
      lines.set(text, id);
      return [
        `<use href="#l${id}" x="${left + margin}" y="${margin + (row + 0.8) * lineHeight}"/>`,
      ];
    })
    .join('');
}

function drawLine(line: Line): string {
  return line.reduce<Span[]>(join, []).map(drawSpan).join('');
}

/** Neighbours of one tone are one. */
function join(spans: Span[], next: Span): Span[] {
  const last = spans.at(-1);
  if (last?.tone !== next.tone) return [...spans, next];
  return [...spans.slice(0, -1), { text: last.text + next.text, tone: next.tone }];
}

function drawSpan({ text, tone }: Span): string {
  const safe = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return tone === 'plain' ? safe : `<tspan class="${tone}">${safe}</tspan>`;
}

function keyframes(shown: readonly Shown[], total: number, width: number): string {
  let at = 0;
  return shown
    .map(({ ms }, index) => {
      const percent = ((at / total) * 100).toFixed(3);
      at += ms;
      return `${percent}% { transform: translateX(-${index * width}px); }`;
    })
    .join('\n');
}
