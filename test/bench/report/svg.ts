/** Just enough SVG for bars and lines; colours read on white and on dark. */

export type Attributes = Readonly<Record<string, string | number>>;

export function element(name: string, attributes: Attributes, content = ''): string {
  const text = Object.entries(attributes).map(([key, value]) => ` ${key}="${value}"`);
  return `<${name}${text.join('')}>${content}</${name}>`;
}

export function label(x: number, y: number, words: string, more: Attributes = {}): string {
  const escaped = words.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return element('text', { x: round(x), y: round(y), ...more }, escaped);
}

export function line(from: Point, to: Point, more: Attributes = {}): string {
  const [x1, y1, x2, y2] = [...from, ...to].map(round);
  return element('line', { x1, y1, x2, y2, stroke: '#888', ...more });
}

export type Point = readonly [x: number, y: number];

/** Points joined by lines, each with a dot. */
export function path(points: readonly Point[], colour: string, dashes = ''): string {
  const places = points.map(([x, y]) => `${round(x)},${round(y)}`).join(' ');
  const dots = points.map(([x, y]) =>
    element('circle', { cx: round(x), cy: round(y), r: 3, fill: colour }),
  );
  const style = { fill: 'none', stroke: colour, 'stroke-width': 2, 'stroke-dasharray': dashes };
  return element('polyline', { points: places, ...style }) + dots.join('');
}

/** Maps a range of values to a range of pixels. */
export type Scale = (value: number) => number;

export function logScale(from: number, to: number, start: number, end: number): Scale {
  const span = Math.log(to / from);
  return (value) =>
    start + (Math.log(Math.min(to, Math.max(from, value)) / from) / span) * (end - start);
}

export function linearScale(to: number, start: number, end: number): Scale {
  return (value) => start + (value / to) * (end - start);
}

export function document(width: number, height: number, content: string): string {
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    viewBox: `0 0 ${width} ${height}`,
    width,
    height,
    'font-family': 'system-ui, sans-serif',
    'font-size': 12,
    fill: '#222',
  };
  const paper = element('rect', { width, height, fill: '#fff' });
  return `${element('svg', attributes, `${paper}${content}`)}\n`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
