import type { DomainName } from '#api/names.ts';
import type { PrefixChangeView, ScenarioView, ServerView } from '#api/views/changes.ts';
import { effectTexts, outcomeTexts, stateChangeText } from '#words/changes.ts';
import { plural } from '#words/text.ts';
import type { Frame } from '../frame.ts';
import { type Html, html } from '../html.ts';
import { chip, routeLink, sameElsewhere, scroller, tableHead } from '../parts.ts';
import { writeForm } from './write-form.ts';

/** What may be supposed to fail. */
export type Domains = Readonly<Record<'node' | 'site' | 'rack', readonly string[]>>;

/** How many addresses are listed at most. */
export const mostChanges = 200;

/** What has been computed: one failure, or each by itself where none was chosen. */
interface Computed {
  readonly scenario: ScenarioView | undefined;
  readonly each: readonly ScenarioView[];
}

/** Shows what would come of a failure, and what else may be supposed to fail. */
export function whatIfView(frame: Frame, domains: Domains, { scenario, each }: Computed): Html {
  const result = scenario === undefined ? overview(frame, each) : outcome(frame, scenario);
  return [result, choice(frame, domains, scenario)];
}

function overview(frame: Frame, each: readonly ScenarioView[]): Html {
  return html`<header class="title">
      <h1>What if…</h1>
      <p>
        Choose what fails. Nothing live is touched: the decision is computed beside the real one.
      </p>
    </header>
    ${each.length > 0 && weakPoints(frame, each)}`;
}

/** Shows the failures, the worst first. */
function weakPoints({ root }: Frame, each: readonly ScenarioView[]): Html {
  const rows = each.toSorted(
    (a, b) =>
      b.counts.dark - a.counts.dark ||
      b.counts.no_backup - a.counts.no_backup ||
      b.counts.moves - a.counts.moves,
  );
  return scroller(
    'What each failure would do',
    html`<table class="cards counts">
      <caption>
        What each failure would do by itself, in addresses, the worst first
      </caption>
      ${tableHead(['If this failed', 'Sessions', 'Dark', 'No backup', 'Moved'], ['Dark', 'No backup', 'Moved'])}
      <tbody>
        ${rows.map(
          ({ kind, name, peers, counts }) =>
            html`<tr>
              <th scope="row">
                <a href=${`${root}whatif?${kind}=${encodeURIComponent(name)}`}
                  >${`${kind} ${name}`}</a
                >
              </th>
              <td data-label="Sessions" class="text">${peers.slice(0, 8).join(', ')}</td>
              ${countCell('Dark', counts.dark, 'bad')}
              ${countCell('No backup', counts.no_backup, 'busy')}
              ${countCell('Moved', counts.moves, '')}
            </tr>`,
        )}
      </tbody>
    </table>`,
  );
}

function countCell(label: string, count: number, gravity: string): Html {
  return html`<td data-label=${label} class=${count === 0 ? 'number' : `number ${gravity}`}>
    ${count}
  </td>`;
}

function choice({ root }: Frame, domains: Domains, scenario: ScenarioView | undefined): Html {
  const kinds = (['node', 'site', 'rack'] as const).filter((kind) => domains[kind].length > 0);
  if (kinds.length === 0) return html`<p class="empty">No peer has a node, a site or a rack.</p>`;
  return html`<nav class="choice" aria-label="What fails">
    ${kinds.map(
      (kind) =>
        html`<section>
          <h2>${kind === 'node' ? 'Nodes' : kind === 'site' ? 'Sites' : 'Racks'}</h2>
          <ul>
            ${domains[kind].map(
              (name) =>
                html`<li>
                  <a
                    href=${`${root}whatif?${kind}=${encodeURIComponent(name)}`}
                    aria-current=${scenario?.kind === kind && scenario.name === name ? 'page' : undefined}
                    >${name}</a
                  >
                </li>`,
            )}
          </ul>
        </section>`,
    )}
  </nav>`;
}

function outcome(frame: Frame, scenario: ScenarioView): Html {
  const { kind, name, peers, counts, changes } = scenario;
  const gravity = counts.dark > 0 ? 'bad' : counts.no_backup > 0 ? 'busy' : 'good';
  const [first, ...others] = outcomeTexts(scenario);
  const more = counts.changed - changes.length;
  return html`<div class=${`verdict ${gravity}`}>
      <h1>If ${kind} ${name} failed: ${first.text}</h1>
      <p>
        ${[...others.map(({ text }) => text), `${plural(peers.length, 'session')} lost: ${peers.slice(0, 8).join(', ')}`].join('; ')}
      </p>
    </div>
    ${changes.length > 0 && changesTable(frame, changes)}
    ${more > 0 && html`<p class="more">and ${more} more ${more === 1 ? 'address' : 'addresses'}</p>`}
    ${routersTable(scenario)} ${kind !== 'config' && drainForm(frame, kind, name)}
    ${sameElsewhere(frame, `whatif --${kind} ${name}`, `whatif?${kind}=${encodeURIComponent(name)}`)}`;
}

function drainForm({ root }: Frame, kind: DomainName, name: string): Html {
  return writeForm({
    id: 'drain',
    label: `Drain ${kind} ${name}…`,
    method: 'POST',
    url: `${root}api/v1/drains`,
    body: { [kind]: name },
    confirm: name,
    warning:
      'Its paths rank last on this server and its sessions stay up. A drain moves routes, not connections; it is refused where ' +
      'a service would be left with too few healthy nodes.',
    fields: drainFields,
  });
}

/** How long a drain lasts, in seconds, and the words for it. */
const lengths = [
  [1800, '30 minutes'],
  [7200, '2 hours'],
  [28_800, '8 hours'],
  [86_400, '24 hours'],
] as const;

const drainFields = html`<label
    >Ends by itself<select data-key="ttl_s" data-kind="number">
      <option value="">never</option>
      ${lengths.map(([seconds, words]) => html`<option value=${seconds}>after ${words}</option>`)}
    </select></label
  >
  <label>Comment<input data-key="comment" maxlength="255" autocomplete="off" /></label>
  <label class="check"
    ><input type="checkbox" data-key="force" /><span
      >Force: even if a service is left with too few healthy nodes</span
    ></label
  >`;

function changesTable(frame: Frame, changes: readonly PrefixChangeView[]): Html {
  return scroller(
    'What would become of each address',
    html`<table class="cards">
      <caption>
        What would become of each address, worst first
      </caption>
      ${tableHead(['Address', 'Now', 'Then', 'Backups then', 'Effect', 'State', 'What would be missing'])}
      <tbody>
        ${changes.map(
          (change) =>
            html`<tr>
              <th scope="row">${routeLink(frame, change.prefix)}</th>
              <td data-label="Now" class="short">${server(change.before.best)}</td>
              <td data-label="Then" class="short">${server(change.after.best)}</td>
              <td data-label="Backups then">${change.after.backups.join(', ') || '–'}</td>
              <td data-label="Effect" class="reasons">
                ${change.effects.map((effect) => {
                  const { gravity, text } = effectTexts[effect];
                  return chip(gravity, text);
                })}
              </td>
              <td data-label="State" class="wide">
                ${stateChangeText(change).replaceAll('_', ' ').replace('->', '→')}
              </td>
              <td data-label="What would be missing" class="text">
                ${(change.findings ?? []).join('; ') || '–'}
              </td>
            </tr>`,
        )}
      </tbody>
    </table>`,
  );
}

function server(best: ServerView | undefined): Html {
  if (best === undefined) return '–';
  return html`${best.node}${best.med !== undefined && html`<small> MED ${best.med}</small>`}`;
}

function routersTable({ routers }: ScenarioView): Html {
  if (routers.length === 0) return undefined;
  return html`<section>
    <h2>What the routers would see</h2>
    <table>
      <caption>
        Prefixes that each router would gain, lose or see move
      </caption>
      ${tableHead(['Router', 'Gains', 'Loses', 'Moves'], ['Gains', 'Loses', 'Moves'])}
      <tbody>
        ${routers.slice(0, mostChanges).map(
          ({ peer, gain, lose, move }) =>
            html`<tr>
              <th scope="row">${peer}</th>
              <td class="number">${gain}</td>
              <td class=${lose > 0 ? 'number bad' : 'number'}>${lose}</td>
              <td class="number">${move}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </section>`;
}
