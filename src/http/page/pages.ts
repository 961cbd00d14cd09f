import type { ScenarioView } from '#api/changes.ts';
import { serviceStates } from '#services/audit.ts';
import { gathered } from '../answers/explanation.ts';
import { finished } from '../answers/work.ts';
import { found, foundPeer, unknownPrefix } from '../problem.ts';
import type { Context } from '../route.ts';
import { failureIn, whatIf } from '../what-if.ts';
import { domainsOf, find, firstOf } from './find.ts';
import type { Frame, View } from './frame.ts';
import { attentionView } from './views/attention.ts';
import { mostRefused, peerView } from './views/peer.ts';
import { peersView } from './views/peers.ts';
import { routeView } from './views/route.ts';
import { searchView } from './views/search.ts';
import { servicesView } from './views/services.ts';
import { incoherence, siblingsView } from './views/siblings.ts';
import { type Domains, mostChanges, whatIfView } from './views/what-if.ts';

/** A view, or where it is. */
export type Answered =
  | { readonly kind: 'view'; readonly view: View }
  /** Relative to the looking glass. */
  | { readonly kind: 'elsewhere'; readonly path: string };

/** What a view is asked for: parameters of the path and of the query, as they are in the URL. */
export type Asked = Readonly<Record<string, string | undefined>>;

type Make = (context: Context, frame: Frame, asked: Asked) => Promise<Answered>;

/** Makes each view, by its URL in the notation of the router; reads through the same queries as the API. */
export const pages: Readonly<Record<string, Make>> = {
  '/': async ({ queries, turns }, frame, asked) => {
    const services = await finished(turns, queries.services());
    const peers = await finished(turns, queries.peers());
    const drains = await finished(turns, queries.drains());
    const state = serviceStates.find((name) => name === asked.state);
    const { service } = asked;
    const selection = {
      ...(service !== undefined && { service }),
      ...(state !== undefined && { state }),
      from: placeIn(asked),
    };
    return view({
      title: 'Services',
      place: 'services',
      body: servicesView(frame, services, selection, [
        attentionView(frame, peers, drains),
        incoherence(frame, await finished(turns, queries.coherence())),
      ]),
    });
  },

  '/peers': async ({ queries, turns }, frame, asked) => {
    const peers = await finished(turns, queries.peers());
    return view({ title: 'Peers', place: 'peers', body: peersView(frame, peers, placeIn(asked)) });
  },

  '/peers/:name': async (context, frame, { name = '' }) => {
    const { queries, turns } = context;
    const peer = foundPeer(queries, name, queries.peer(name));
    const refused =
      peer.prefixes.rejected === 0
        ? []
        : (
            await firstOf(
              context,
              (page) => queries.peerRoutes(name, 'rejected', page),
              mostRefused,
            )
          ).items;
    const findings = await finished(turns, queries.doctor(peer.name));
    return view({
      title: peer.name,
      place: 'peers',
      body: peerView(frame, peer, { refused, findings }),
    });
  },

  '/route': async ({ queries, turns }, frame, { prefix = '' }) => {
    const explanation = found(queries.explain(prefix), ...unknownPrefix(prefix));
    const explained = await gathered(turns, explanation);
    return view({
      title: explained.prefix,
      sought: explained.prefix,
      body: routeView(frame, explained),
    });
  },

  '/search': async (context, frame, { q = '' }) => {
    const result = await find(context, q);
    if (result.kind === 'route') {
      return { kind: 'elsewhere', path: `route?prefix=${encodeURIComponent(result.prefix)}` };
    }
    return view({ title: `Search: ${q}`, sought: q, body: searchView(frame, result.found) });
  },

  '/siblings': async ({ queries, turns }, frame) =>
    view({
      title: 'Siblings',
      place: 'siblings',
      body: siblingsView(frame, await finished(turns, queries.coherence())),
    }),

  '/whatif': async (context, frame, asked) => {
    const { queries, turns } = context;
    const failure = failureIn(asked);
    const domains = domainsOf(await finished(turns, queries.peers()));
    const [scenario] =
      failure === undefined ? [] : (await whatIf(context, failure, mostChanges)).items;
    const each = failure === undefined ? await weakPoints(context, domains) : [];
    const title = failure === undefined ? 'What if' : `What if ${failure.name} failed`;
    return view({ title, place: 'whatif', body: whatIfView(frame, domains, { scenario, each }) });
  },
};

/** So many failures are tried for the table of all of them. */
const mostTried = 24;

/** What each node, site and rack would take with it, where they are few. */
async function weakPoints(context: Context, domains: Domains): Promise<ScenarioView[]> {
  const tried: ScenarioView[] = [];
  for (const domain of ['node', 'site', 'rack'] as const) {
    const { length } = domains[domain];
    if (length === 0 || tried.length + length > mostTried) continue;
    tried.push(...(await whatIf(context, { kind: 'each', domain }, 0)).items);
  }
  return tried;
}

function view(made: View): Answered {
  return { kind: 'view', view: made };
}

/** Rows before those that are asked for. */
function placeIn({ from }: Asked): number {
  return from !== undefined && /^\d{1,9}$/.test(from) ? Number(from) : 0;
}
