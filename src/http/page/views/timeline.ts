import { failoverText } from '#api/events/failover-text.ts';
import { timestamp } from '#clock.ts';
import { spanText } from '#words/ago.ts';
import { byName, timeText } from '#words/text.ts';
import type { Frame } from '../frame.ts';
import { type Html, html } from '../html.ts';
import { routeLink, scroller } from '../parts.ts';
import type { Span, Window } from '../timeline.ts';

/** Spans of time that are offered, in seconds. */
const zooms = [
  ['15m', 900],
  ['1h', 3600],
  ['6h', 21_600],
  ['24h', 86_400],
  ['7d', 604_800],
  ['30d', 2_592_000],
] as const;
export type Zoom = (typeof zooms)[number][0];
export const firstZoom: Zoom = '15m';

/** Colours of nodes, as the style has them. */
const colours = 8;

/** Patterns of nodes, each in a square of 8 units: as many nodes differ without any colour. */
const nodePatterns = [
  'M0 0',
  'M0 8L8 0M-2 2L2 -2M6 10L10 6',
  'M2 2h.1M6 6h.1',
  'M0 4h8',
  'M4 0v8',
  'M0 0L8 8M-2 6L2 10M6 -2L10 2',
  'M0 4h8M4 0v8',
  'M4 4h.1',
  'M0 6L2 2L4 6L6 2L8 6',
  'M2 3h3v3h-3z',
  'M0 0L8 8M0 8L8 0',
  'M4 2v4M2 4h4',
  'M0 2h8M0 5h8',
  'M2 0v8M5 0v8',
  'M4 2a2 2 0 1 0 .01 0',
  'M1 6h2M5 2h2',
] as const;

/** A row of the timeline. */
export interface TimelineRow {
  readonly prefix: string;
  readonly spans: readonly Span[];
}

export interface TimelineParts {
  readonly window: Window;
  readonly zoom: Zoom;
  /** The window ends now. */
  readonly isNow: boolean;
  readonly rows: readonly TimelineRow[];
  /** The node of each peer. */
  readonly nodes: ReadonlyMap<string, string>;
  readonly incomplete?: string | undefined;
  /** The URL of the view, to which the time is added. */
  readonly path: string;
  /** Parameters that stay. */
  readonly kept: Readonly<Record<string, string>>;
}

/** Returns the zoom with this name. */
export function zoomIn(text: string | undefined): Zoom | undefined {
  return zooms.find(([name]) => name === text)?.[0];
}

export function lengthMs(zoom: Zoom): number {
  return (zooms.find(([name]) => name === zoom)?.[1] ?? 0) * 1000;
}

/** Shows who served each address when: a row for each address, with the pattern and the name of the node. */
export function timelineView(
  frame: Frame,
  parts: TimelineParts,
  { total, heading = html`<h2>Timeline</h2>` }: { readonly total: number; readonly heading?: Html },
): Html {
  const { window, rows, incomplete, nodes } = parts;
  const more = total - rows.length;
  const looksOf = lookOfNodes([...nodes.values()]);
  const drawn: Drawn = { window, looksOf, nodes };
  const caption = `Who served each address, ${timeText(timestamp(window.fromMs))} to ${timeText(timestamp(window.toMs))} UTC`;
  return html`<section class="timelines">
    <header class="with-zoom">${heading} ${zoomLinks(parts)}</header>
    ${patterns}
    ${scroller(
      caption,
      html`<table class="timeline">
        <caption>
          ${caption}
        </caption>
        <thead>
          <tr>
            <th scope="col">Address</th>
            <th scope="col">${axis(window)}</th>
            <th scope="col" class="number">Moves</th>
          </tr>
        </thead>
        <tbody>
          ${rows.map((row) => timelineRow(frame, drawn, row))}
        </tbody>
      </table>`,
    )}
    ${
      more > 0 &&
      parts.path !== 'timeline' &&
      html`<p class="more">
        <a href=${`${frame.root}timeline?span=${parts.zoom}`}
          >and ${more} more ${more === 1 ? 'address' : 'addresses'}</a
        >
      </p>`
    }
    ${incomplete !== undefined && html`<p class="notice busy">${incomplete}</p>`}
    ${key(drawn, rows)}
  </section>`;
}

/** Which of the addresses are on the page. */
interface Shown {
  readonly from: number;
  readonly pageRows: number;
  readonly total: number;
}

/** Shows the timeline on a page of its own. */
export function timelinePage(
  frame: Frame,
  parts: TimelineParts,
  { from, pageRows, total }: Shown,
): Html {
  const end = Math.min(from + pageRows, total);
  const to = (place: number): string =>
    `timeline?${new URLSearchParams({
      ...parts.kept,
      span: parts.zoom,
      ...(!parts.isNow && { until: timestamp(parts.window.toMs) }),
      from: String(place),
    })}`;
  const heading = html`<h1>Who served which address</h1>`;
  return html`${total === 0 ? [heading, html`<p class="empty">No address of a service is known.</p>`] : timelineView(frame, parts, { total, heading })}
  ${
    total > pageRows &&
    html`<p class="more">
      ${from + 1} to ${end} of ${total}
      ${from > 0 && html`<a href=${to(Math.max(0, from - pageRows))}>previous</a>`}
      ${end < total && html`<a rel="next" href=${to(end)}>next</a>`}
    </p>`
  }`;
}

interface Drawn {
  readonly window: Window;
  readonly looksOf: ReadonlyMap<string, string>;
  readonly nodes: ReadonlyMap<string, string>;
}

/**
 * Returns the classes of each node's colour and pattern, the same in all rows: 16 nodes have a pattern each, and 128 a
 * pattern and a colour that no other has together.
 */
export function lookOfNodes(names: readonly string[]): Map<string, string> {
  const { length } = nodePatterns;
  return new Map(
    [...new Set(names)].toSorted(byName).map((name, at) => {
      const colour = (at + Math.floor(at / length)) % colours;
      return [name, `n${colour} p${at % length}`];
    }),
  );
}

function timelineRow(frame: Frame, drawn: Drawn, { prefix, spans }: TimelineRow): Html {
  const moves = spans.filter(({ failover }) => failover !== undefined).length;
  const history = `${frame.root}events?prefix=${encodeURIComponent(prefix)}&kind=failover`;
  return html`<tr>
    <th scope="row">${routeLink(frame, prefix)}</th>
    <td>
      <svg class="spans" width="100%" height="26" role="group" aria-label=${`Who served ${prefix}`}>
        ${spans.map((span) => spanDrawn(frame, drawn, span))}
      </svg>
    </td>
    <td class="number">
      ${moves === 0 ? '0' : html`<a href=${history} aria-label=${`${moves} moves of ${prefix}`}>${moves}</a>`}
    </td>
  </tr>`;
}

/** Spans that are narrower than this, in percent, have no text: on any screen, and on a phone. */
const leastForText = 3;
const leastOnPhone = 14;

function spanDrawn(frame: Frame, { window, looksOf, nodes }: Drawn, span: Span): Html {
  const { kind, peer, failover } = span;
  const node = peer === undefined ? undefined : (nodes.get(peer) ?? peer);
  const x = percent(window, span.fromMs);
  const width = percent(window, span.toMs) - x;
  const text = kind === 'unknown' ? 'not recorded' : (node ?? 'dark');
  const look = kind === 'served' ? (looksOf.get(node ?? '') ?? 'n0 p0') : kind;
  const words = `${text} for ${spanText((span.toMs - span.fromMs) / 1000)} from ${timeText(timestamp(span.fromMs))} UTC`;
  const said = failover === undefined ? words : `${words}: ${failoverText(failover)}`;
  const drawn = html`<svg x=${share(x)} width=${share(width)} height="26" class=${`span ${look}`}>
    <title>${said}</title>
    <rect class="fill" width="100%" height="26" />
    <rect class="pattern" width="100%" height="26" />
    ${failover !== undefined && html`<rect class="edge" width="2" height="26" />`}
    ${
      width >= leastForText &&
      html`<text x="7" y="17" class=${width < leastOnPhone ? 'slim' : undefined}>${text}</text>`
    }
  </svg>`;
  if (failover === undefined) return drawn;
  return html`<a href=${failoverPath(frame, failover)} aria-label=${said}>${drawn}</a>`;
}

export function failoverPath({ root }: Frame, { id }: { readonly id: string }): string {
  return `${root}failovers/${encodeURIComponent(id)}`;
}

/** Returns a place in the window, 0 to 100. */
function percent({ fromMs, toMs }: Window, ms: number): number {
  return ((ms - fromMs) / (toMs - fromMs)) * 100;
}

function share(value: number): string {
  return `${value.toFixed(3)}%`;
}

/** Possible distances between the marks of the axis, in minutes: the first that gives few enough marks is used. */
const stepMinutes = [0.5, 1, 5, 15, 60, 240, 1440, 7200];
const mostTicks = 7;
const minuteMs = 60_000;
const dayMs = 86_400_000;

function axis(window: Window): Html {
  const { fromMs, toMs } = window;
  const steps = stepMinutes.map((minutes) => minutes * minuteMs);
  const step = steps.find((ms) => (toMs - fromMs) / ms <= mostTicks) ?? steps[steps.length - 1];
  const first = Math.ceil(fromMs / step) * step;
  const count = Math.floor((toMs - first) / step) + 1;
  const ticks = Array.from({ length: count }, (_, at) => first + at * step);
  return html`<span class="unseen">Served by</span>
    <svg class="axis" width="100%" height="16" aria-hidden="true">
      ${ticks.map((ms) => tick(percent(window, ms), tickText(ms, step)))}
    </svg>`;
}

/** A tick that is further right than this, in percent, has no space for its text. */
const lastText = 94;

function tick(place: number, text: string): Html {
  const x = share(place);
  return html`<g>
    <line x1=${x} x2=${x} y1="0" y2="16" />
    ${place < lastText && html`<text x=${x} dx="4" y="12">${text}</text>`}
  </g>`;
}

/** Returns `08:30`, with seconds where the ticks are that close, or `01-31` where they are days apart. */
function tickText(ms: number, step: number): string {
  const whole = timeText(timestamp(ms));
  if (step >= dayMs) return whole.slice(5, 10);
  return whole.slice(11, step < minuteMs ? 19 : 16);
}

function zoomLinks({ zoom, window, isNow, path, kept }: TimelineParts): Html {
  const to = (more: Record<string, string>): string =>
    `${path}?${new URLSearchParams({ ...kept, ...more })}`;
  const length = lengthMs(zoom);
  const at = (ms: number): Record<string, string> => ({ span: zoom, until: timestamp(ms) });
  const ends = isNow ? {} : { until: timestamp(window.toMs) };
  return html`<nav class="filters" aria-label="Time">
    <span
      ><a href=${to(at(window.toMs - length / 2))}>earlier</a> ${zooms.map(
        ([name]) =>
          html`<a
            href=${to({ span: name, ...ends })}
            aria-current=${name === zoom ? 'true' : undefined}
            >${name}</a
          >`,
      )}
      ${
        !isNow &&
        html`<a href=${to(at(window.toMs + length / 2))}>later</a>
          <a href=${to({ span: zoom })}>now</a>`
      }</span
    >
  </nav>`;
}

/** How many nodes the key names at most. */
const mostNamed = 48;

/** Shows what each node that is drawn looks like. */
function key({ looksOf, nodes }: Drawn, shown: readonly TimelineRow[]): Html {
  const served = shown.flatMap(({ spans }) => spans.flatMap(({ peer }) => peer ?? []));
  const names = new Set(served.map((peer) => nodes.get(peer) ?? peer));
  const rows = [
    ...[...looksOf].filter(([name]) => names.has(name)).slice(0, mostNamed),
    ['dark: no node', 'dark'] as const,
    ['not recorded', 'unknown'] as const,
  ];
  return html`<ul class="key">
    ${rows.map(
      ([name, look]) =>
        html`<li>
          <svg class=${`span ${look}`} width="28" height="14" aria-hidden="true">
            <rect class="fill" width="28" height="14" />
            <rect class="pattern" width="28" height="14" />
          </svg>
          ${name}
        </li>`,
    )}
    <li>follow an edge to see what moved the address there</li>
  </ul>`;
}

/** The patterns, drawn in the colour of the text: once on each page that has spans. */
export const patterns = html`<svg class="patterns" width="0" height="0" aria-hidden="true">
  <defs>
    ${nodePatterns.map(
      (d, at) =>
        html`<pattern id=${`pattern-${at}`} width="8" height="8" patternUnits="userSpaceOnUse">
          <path d=${d} />
        </pattern>`,
    )}
    <pattern id="pattern-unknown" width="6" height="6" patternUnits="userSpaceOnUse">
      <path d="M0 6L6 0M-1 1L1 -1M5 7L7 5" />
    </pattern>
  </defs>
</svg>`;
