import { duration, failoverText } from '#api/events/failover-text.ts';
import type { FailoverView } from '#api/events/failover.ts';
import { timestamp } from '#clock.ts';
import { timeText } from '#words/text.ts';
import type { Frame } from '../frame.ts';
import { type Html, html } from '../html.ts';
import { ago, facts, mono, peerLink, routeLink, sameElsewhere, scroller } from '../parts.ts';
import { patterns } from './timeline.ts';

/** A stage of a failover: from when to when, in ms from the detection. */
interface Stage {
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly look: string;
}

/** Shows why one address moved, and how long each stage took, to scale. */
export function failoverView(frame: Frame, failover: FailoverView): Html {
  const { id, prefix, at, cause, service, from, to, dark_ms: dark, routers } = failover;
  const { siblings = [] } = failover;
  const stages = stagesOf(failover);
  const after = stages.filter(({ fromMs }) => fromMs >= 0);
  const [move, ...how] = failoverText(failover).split(/: (.*)/);
  return html`<header class="title">
      <h1>${mono(prefix)}${move.slice(prefix.length)}</h1>
      ${ago(frame, at)}
      <p>${how.join('')}</p>
    </header>
    ${patterns}
    ${stages.length > after.length && stageTable('From the last sign of life, to scale', stages)}
    ${stageTable('From the detection, to scale', after)}
    ${facts([
      ['Address', routeLink(frame, prefix)],
      ['Service', service],
      ['From', from === undefined ? 'none: it was dark' : peerLink(frame, from)],
      ['To', to === undefined ? 'none: no peer serves it' : peerLink(frame, to)],
      ['Cause', cause.text],
      ['Caused by peer', cause.peer !== undefined && peerLink(frame, cause.peer)],
      ['Detected', `${timeText(at)}.${at.slice(20, 23)} UTC`],
      ['Routers', `the kernels of ${routers.received} of ${routers.written} have acknowledged it`],
      ['Waiting for', routers.waiting.join(', ')],
      [
        'Siblings',
        siblings
          .map(({ name, agreed_ms: ms }) =>
            ms === undefined ? `${name} has not agreed` : `${name} agreed after ${duration(ms)}`,
          )
          .join(', '),
      ],
      ['Dark until then', dark !== undefined && duration(dark)],
    ])}
    <p class="more">
      <a href=${`${frame.root}events?${around(failover)}`}>What else happened then</a>
      <a href=${`${frame.root}events?prefix=${encodeURIComponent(prefix)}`}
        >History of the address</a
      >
    </p>
    ${sameElsewhere(frame, `show failovers ${id}`, `failovers?${new URLSearchParams({ prefix })}`)}`;
}

/** Links to the ten minutes around the failover. */
function around({ at }: FailoverView): URLSearchParams {
  const ms = Date.parse(at);
  const moment = (offsetMs: number): string => timestamp(ms + offsetMs);
  return new URLSearchParams({ since: moment(-300_000), until: moment(300_000) });
}

/** A stage that may not be known. */
type Drawable = readonly [name: string, fromMs: number, toMs: number | undefined, look: string];

/** In the order in which they happen, one beginning where the last ends; what is not known is left out. */
function stagesOf(failover: FailoverView): Stage[] {
  const { silent_ms: silent, decided_ms: decided, siblings = [] } = failover;
  const { first_written_ms: first, last_written_ms: last, received_ms: received } = failover;
  const agreed = siblings.flatMap(({ agreed_ms: ms }) => ms ?? []);
  const written = last ?? decided;
  const rows: readonly Drawable[] = [
    ['silent', -(silent ?? 0), silent === undefined ? undefined : 0, 'n7 p7'],
    ['deciding', 0, decided, 'n1 p1'],
    ['until the first router was written to', decided, first, 'n4 p4'],
    ['writing to the other routers', first ?? decided, last, 'n2 p2'],
    ['until the kernels of all routers had acknowledged it', written, received, 'n0 p0'],
    [
      'until all siblings agreed',
      written,
      agreed.length === 0 ? undefined : Math.max(...agreed),
      'n5 p5',
    ],
  ];
  return rows.flatMap(([name, fromMs, toMs, look]) =>
    toMs === undefined ? [] : [{ name, fromMs, toMs: Math.max(fromMs, toMs), look }],
  );
}

function stageTable(caption: string, stages: readonly Stage[]): Html {
  if (stages.length === 0) return undefined;
  const start = Math.min(...stages.map(({ fromMs }) => fromMs));
  const length = Math.max(...stages.map(({ toMs }) => toMs)) - start || 1;
  const share = (ms: number): string => `${((ms / length) * 100).toFixed(3)}%`;
  return scroller(
    caption,
    html`<table class="timeline stages">
      <caption>
        ${caption}: ${duration(length)} in all
      </caption>
      <thead>
        <tr>
          <th scope="col">Stage</th>
          <th scope="col">When</th>
          <th scope="col" class="number">Took</th>
        </tr>
      </thead>
      <tbody>
        ${stages.map(
          ({ name, fromMs, toMs, look }) =>
            html`<tr>
              <th scope="row">${name}</th>
              <td>
                <svg class="spans" width="100%" height="22" aria-hidden="true">
                  <rect class="ground" width="100%" height="22" />
                  <svg
                    class=${`span ${look}`}
                    x=${share(fromMs - start)}
                    width=${share(Math.max(toMs - fromMs, length / 400))}
                    height="22"
                  >
                    <rect class="fill" width="100%" height="22" />
                    <rect class="pattern" width="100%" height="22" />
                  </svg>
                </svg>
              </td>
              <td class="number">
                ${duration(toMs - fromMs)}<small class="line"
                  >${fromMs < 0 ? 'before the detection' : `until +${duration(toMs)}`}</small
                >
              </td>
            </tr>`,
        )}
      </tbody>
    </table>`,
  );
}
