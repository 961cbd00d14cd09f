import type { DrainView } from '#api/views/drain.ts';
import { timeText } from '#words/text.ts';
import type { Frame } from '../frame.ts';
import { type Html, html } from '../html.ts';
import { agoShort, chip } from '../parts.ts';
import { writeForm } from './write-form.ts';

/** Shows what is out of service on purpose, with a form to end each drain; comments are for those who may write. */
export function drainedView(frame: Frame, drains: readonly DrainView[]): Html {
  if (drains.length === 0) return undefined;
  return html`<section class="attention drained">
    <h2>Out of service on purpose</h2>
    <ul>
      ${drains.map((drain) => drainRow(frame, drain))}
    </ul>
  </section>`;
}

function drainRow(frame: Frame, { id, target, since, until, overdue, counts }: DrainView): Html {
  const isEffective = counts.no + counts.unknown === 0;
  const ends =
    until === undefined
      ? 'It lasts until it is ended.'
      : `It ends by itself at ${timeText(until)} UTC.`;
  const progress = `${counts.yes} of ${counts.yes + counts.no + counts.unknown} shown to have moved`;
  return html`<li>
    <strong>${target.kind} ${target.name}</strong>${chip(isEffective ? 'good' : 'busy', progress)}
    <span>drained ${agoShort(frame, since)}</span> <span>${ends}</span>
    ${overdue !== undefined && html`<span>${chip('bad', 'overdue')} ${overdue}</span>`}
    ${writeForm({
      id: `undrain-${id}`,
      label: `End ${id}…`,
      method: 'DELETE',
      url: `${frame.root}api/v1/drains/${encodeURIComponent(id)}`,
      confirm: target.name,
      warning: `Routers may use ${target.name} again at once.`,
    })}
  </li>`;
}
