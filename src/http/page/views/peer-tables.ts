import type { PathView } from '#api/views/path.ts';
import type { MessageCounts, PeerView, PrefixCounts } from '#api/views/peer.ts';
import { rejectText } from '#words/explain.ts';
import { type Offer, offers, openFields } from '#words/peer.ts';
import type { Frame } from '../frame.ts';
import { type Html, html } from '../html.ts';
import { ago, chip, mono, routeLink, ruleOf, scroller, tableHead } from '../parts.ts';

/** The tables of a peer's page. */

/** Shows the refused routes, each with the rule that refused it. */
export function refusedTable(
  frame: Frame,
  { prefixes, name }: PeerView,
  refused: readonly PathView[],
): Html {
  if (prefixes.rejected === 0) return undefined;
  const counted = Map.groupBy(refused, ({ reason = 'unknown' }) => reason);
  const texts = [...counted].map(([reason, paths]) => `${paths.length} ${rejectText(reason)}`);
  const isAll = refused.length >= prefixes.rejected;
  return html`<section>
    <h2>Refused routes</h2>
    <p>
      ${isAll ? '' : `The first ${refused.length} of ${prefixes.rejected}: `}${texts.join('; ')}
    </p>
    ${scroller(
      `Routes of ${name} that are refused`,
      html`<table class="cards">
        <caption>
          Routes of ${name} that are refused
        </caption>
        ${tableHead(['Prefix', 'Reason', 'Rule', 'Next hop', 'MED', 'Received'], ['MED'])}
        <tbody>
          ${refused.map(
            (path) =>
              html`<tr>
                <th scope="row">${routeLink(frame, path.prefix)}</th>
                <td data-label="Reason">${chip('bad', path.reason ?? 'unknown')}</td>
                <td data-label="Rule" class="text">
                  ${path.rule === undefined ? 'no rule' : ruleOf(path.rule)}
                </td>
                <td data-label="Next hop" class="wide">${mono(path.next_hop)}</td>
                <td data-label="MED" class="number">${path.med ?? '–'}</td>
                <td data-label="Received">${ago(frame, path.received_at)}</td>
              </tr>`,
          )}
        </tbody>
      </table>`,
    )}
  </section>`;
}

/** Shows both OPENs side by side; what only one side has stands out. */
export function opens(peer: PeerView): Html {
  const rows: OpenRow[] = [
    ...openFields(peer).map((field) => ({ ...field, used: fieldUse(peer, field) })),
    ...offers(peer.capabilities).map((offer) => ({ ...offer, used: capabilityUse(offer) })),
  ];
  if (rows.length === 0) return undefined;
  const [ours, theirs] = ['We sent', 'They sent'];
  return html`<section>
    <h2>OPEN messages</h2>
    ${scroller(
      'The OPEN messages side by side',
      html`<table class="cards opens">
        <caption>
          What each side said when the session came up; a capability that only one side offers is
          not used
        </caption>
        ${tableHead(['Field or capability', ours, theirs, 'In use'])}
        <tbody>
          ${rows.map(
            ({ name, sent, received, used }) =>
              html`<tr
                class=${sent === undefined || received === undefined ? 'one-sided' : undefined}
              >
                <th scope="row">${name.trim()}</th>
                <td data-label=${ours}>${offerText(sent)}</td>
                <td data-label=${theirs}>${offerText(received)}</td>
                <td data-label="In use">${used}</td>
              </tr>`,
          )}
        </tbody>
      </table>`,
    )}
  </section>`;
}

function offerText(value: string | undefined): string {
  if (value === undefined) return '–';
  return value === 'yes' ? 'offered' : value;
}

/** A row of the table of OPENs, and what of it the session uses. */
interface OpenRow extends Offer {
  readonly used: string;
}

function fieldUse({ hold_time_s: seconds }: PeerView, { name, sent, received }: Offer): string {
  if (name !== 'hold time' || seconds === undefined) return '–';
  return sent === received ? `${seconds} s` : `${seconds} s, the shorter`;
}

function capabilityUse({ sent, received }: Offer): string {
  if (sent === undefined) return 'no, only they offer it';
  return received === undefined ? 'no, only we offer it' : 'yes';
}

/** The counts of prefixes, from what is received to what is sent. */
const prefixNames = ['received', 'accepted', 'rejected', 'blocked', 'best', 'advertised'] as const;

export function prefixTable({ prefixes }: PeerView): Html {
  const families: readonly (readonly [string, PrefixCounts | undefined])[] = Object.entries(
    prefixes.per_family,
  );
  return countTable(
    'Prefixes',
    prefixNames,
    families.flatMap(([family, counts]) =>
      counts === undefined ? [] : [[family, prefixNames.map((name) => counts[name])] as const],
    ),
  );
}

const messageNames = ['open', 'update', 'notification', 'keepalive', 'route_refresh'] as const;

export function messageTable({ messages }: PeerView): Html {
  const row = (name: string, counts: MessageCounts) =>
    [name, messageNames.map((type) => counts[type])] as const;
  return countTable('Messages', messageNames, [
    row('received', messages.received),
    row('sent', messages.sent),
  ]);
}

/** Shows a row for each count and a column for each kind, so that the table stays narrow. */
function countTable(
  title: string,
  names: readonly string[],
  columns: readonly (readonly [string, readonly number[]])[],
): Html {
  return html`<section>
    <h2>${title}</h2>
    <table>
      <caption class="unseen">
        ${title} of the session
      </caption>
      <thead>
        <tr>
          <th scope="col">${title}</th>
          ${columns.map(([head]) => html`<th scope="col" class="number">${head.replace('_', ' ')}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${names.map(
          (name, at) =>
            html`<tr>
              <th scope="row">${name.replace('_', ' ')}</th>
              ${columns.map(([, counts]) => html`<td class="number">${counts[at]}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </section>`;
}

export function updateErrors(frame: Frame, { update_errors: errors = [] }: PeerView): Html {
  if (errors.length === 0) return undefined;
  return html`<section>
    <h2>Faulty UPDATEs</h2>
    <ul class="errors">
      ${errors.toReversed().map(
        ({ at, text, outcome, count, bytes, length }) =>
          html`<li>
            ${chip('bad', outcome.replaceAll('_', ' '))} ${text} ${count > 1 && ` (${count} times)`}
            ${ago(frame, at)}
            <details>
              <summary>${length} octets</summary>
              <code class="bytes">${bytes}</code>
            </details>
          </li>`,
      )}
    </ul>
  </section>`;
}
