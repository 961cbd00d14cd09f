import type { CandidateView, ExplainView, ExportView } from '#api/views/explain.ts';
import type { PathView } from '#api/views/path.ts';
import {
  candidateTexts,
  exportText,
  lastServedText,
  notListedText,
  vrpsText,
  withheldTexts,
} from '#words/explain.ts';
import { asPathText, plural, shortAsPathText } from '#words/text.ts';
import type { Frame } from '../frame.ts';
import { type Html, html } from '../html.ts';
import {
  ago,
  chip,
  facts,
  mono,
  peerLink,
  ruleOf,
  sameElsewhere,
  scroller,
  tableHead,
} from '../parts.ts';

/** How many clients are listed at most; those that are sent nothing come first. */
const mostExports = 200;

/** Shows why traffic to a prefix takes its way: every candidate, and what each client is sent. */
export function routeView(frame: Frame, view: ExplainView): Html {
  const { prefix, best, candidates, exports } = view;
  const last = lastServedText(view);
  return html`<header class="title">
      <h1>${mono(prefix)}</h1>
      ${best === undefined ? chip('bad', candidates.length === 0 ? 'no peer announces it' : 'no path is accepted') : chip('good', `best is ${best.peer}`)}
      ${
        best !== undefined &&
        html`<span
          >${'via '}${mono(best.next_hop)}${best.med === undefined ? ', no MED' : `, MED ${best.med}`}</span
        >`
      }
    </header>
    ${last !== undefined && html`<p>${`It was ${last}.`}</p>`}
    ${view.vrps !== undefined && html`<p>${vrpsText(view.vrps)}</p>`}
    ${candidates.length > 0 && candidateTable(frame, view)}
    ${candidates.length + exports.length > 0 && exportTable(frame, view)}
    ${sameElsewhere(frame, `explain ${prefix}`, `explain?prefix=${encodeURIComponent(prefix)}`)}`;
}

const gravities = { best: 'good', rejected: 'bad', drained: 'busy' } as const;
type Weighty = keyof typeof gravities;

function candidateTable(frame: Frame, view: ExplainView): Html {
  const { prefix, candidates } = view;
  const notListed = notListedText(view);
  return html`<section>
    <h2>Candidates</h2>
    ${scroller(
      `Candidates for ${prefix}`,
      html`<table class="cards">
        <caption>
          Every path, the best first, with the step of the decision at which it lost
        </caption>
        ${tableHead(['From', 'Why', 'MED', 'Next hop', 'AS path', 'Rule', 'Received', 'Attributes'], ['MED'])}
        <tbody>
          ${candidates.map((candidate) => candidateRow(frame, candidate))}
        </tbody>
      </table>`,
    )}
    ${notListed !== undefined && html`<p>${notListed}</p>`}
  </section>`;
}

function candidateRow(frame: Frame, candidate: CandidateView): Html {
  const { peer, node, path_id: pathId, next_hop: nextHop, med, rule, best } = candidate;
  return html`<tr class=${best ? 'best' : undefined}>
    <th scope="row">
      ${peerLink(frame, peer)}${node !== undefined && node !== peer && html`<small>${node}</small>`}
    </th>
    <td data-label="Why" class="reasons">
      ${candidateTexts(candidate).map(({ kind, text }) =>
        kind in gravities ? chip(gravities[kind as Weighty], text) : html`<em>${text}</em>`,
      )}
      ${candidate.stale === true && chip('busy', 'stale')}
    </td>
    <td data-label="MED" class="number">${med ?? '–'}</td>
    <td data-label="Next hop" class="wide">${mono(nextHop)}</td>
    <td data-label="AS path">${mono(shortAsPathText(candidate))}</td>
    <td data-label="Rule" class="text">${rule === undefined ? '–' : ruleOf(rule)}</td>
    <td data-label="Received">${ago(frame, candidate.received_at)}</td>
    <td data-label="Attributes">
      <details id=${`raw-${peer}-${pathId ?? 0}`}>
        <summary>all</summary>
        ${attributes(candidate)}
      </details>
    </td>
  </tr>`;
}

/** Shows every attribute; one that is not known is shown as its octets. */
function attributes(path: PathView): Html {
  const { aggregator, unknown_attributes: unknown } = path;
  return facts([
    ['ORIGIN', path.origin],
    ['AS_PATH', mono(asPathText(path))],
    ['NEXT_HOP', mono(path.next_hop)],
    ['MED', path.med === undefined ? undefined : String(path.med)],
    ['LOCAL_PREF', path.local_pref === undefined ? undefined : String(path.local_pref)],
    ['ATOMIC_AGGREGATE', path.atomic_aggregate === true && 'yes'],
    ['AGGREGATOR', aggregator && `${aggregator.asn} ${aggregator.address}`],
    ['Communities', path.communities.join(' ')],
    ['Large communities', path.large_communities.join(' ')],
    ['Extended communities', path.ext_communities.join(' ')],
    ['ONLY_TO_CUSTOMER', path.otc === undefined ? undefined : String(path.otc)],
    ...unknown.map(
      ({ type, flags, value }) =>
        [`Type ${type}, flags 0x${flags.toString(16)}`, mono(`0x${value}`)] as const,
    ),
    ['Path id', path.path_id === undefined ? undefined : String(path.path_id)],
  ]);
}

function exportTable(frame: Frame, { prefix, exports }: ExplainView): Html {
  if (exports.length === 0)
    return html`<p class="empty">No peer is a client: every export is none.</p>`;
  const sent = exports.filter((one) => one.sent !== undefined);
  const unsent = exports.filter((one) => one.sent === undefined);
  const shown = [...unsent, ...sent].slice(0, mostExports);
  const rest = exports.length - shown.length;
  return html`<section>
    <h2>What the routers are sent</h2>
    <p>
      ${plural(sent.length, 'router')} ${sent.length === 1 ? 'is' : 'are'} sent a path
      ${unsent.length === 0 ? '' : `, ${unsent.length} nothing`}${rest > 0 && `; ${rest} more are not listed`}
    </p>
    ${scroller(
      `What the routers are sent for ${prefix}`,
      html`<table class="cards">
        <caption>
          Each client, what it is sent, and why
        </caption>
        ${tableHead(['Router', 'Sent', 'Next hop', 'MED', 'Because'], ['MED'])}
        <tbody>
          ${shown.map((one) => exportRow(frame, one))}
        </tbody>
      </table>`,
    )}
  </section>`;
}

function exportRow(frame: Frame, one: ExportView): Html {
  const { peer, sent, rule } = one;
  return html`<tr>
    <th scope="row">${peerLink(frame, peer)}</th>
    <td data-label="Sent">
      ${sent === undefined ? chip('busy', 'nothing') : chip('good', sent.peer)}
    </td>
    <td data-label="Next hop" class="wide">${sent === undefined ? '–' : mono(sent.next_hop)}</td>
    <td data-label="MED" class="number">${sent?.med ?? '–'}</td>
    <td data-label="Because" class="text because">
      ${becauseText(one)}${rule !== undefined && html`<small>by ${ruleOf(rule)}</small>`}
      ${withheldTexts(one).map((text) => html`<small>${text}</small>`)}
    </td>
  </tr>`;
}

/** Says why a client is sent this path, which is the best that it may have, or why it is sent none. */
function becauseText({ sent, reason, withheld = [] }: ExportView): string {
  if (sent === undefined || reason !== 'sent') return exportText(reason);
  return withheld.length === 0 ? 'it is the best path' : 'it is the best of those that it may have';
}
