import { QueryError } from '#api/queries.ts';
import type { ScenarioView } from '#api/views/changes.ts';
import type { Explanation } from '#api/views/explain.ts';
import { serviceStates } from '#services/audit.ts';
import { gathered } from '../answers/explanation.ts';
import { finished } from '../answers/work.ts';
import type { Context } from '../context.ts';
import { foundPeer, Problem } from '../problem.ts';
import { failureIn, whatIf } from '../what-if.ts';
import { domainsOf, find, firstOf } from './find.ts';
import { type Make, placeIn, view } from './made.ts';
import { firstTimeline, recordPages } from './record-pages.ts';
import { lastEvents } from './record.ts';
import { drainedView } from './views/drained.ts';
import { historyView } from './views/events.ts';
import { mostRefused, peerView } from './views/peer.ts';
import { peersView } from './views/peers.ts';
import { routeView } from './views/route.ts';
import { searchView } from './views/search.ts';
import { pageRows, servicesView } from './views/services.ts';
import { siblingsView } from './views/siblings.ts';
import { type Domains, mostChanges, whatIfView } from './views/what-if.ts';

/** The first screen lists what operators have changed since then. */
const changesSince = '1h';

/** Makes each view, by its URL in the notation of the router; reads through the same queries as the API. */
export const pages: Readonly<Record<string, Make>> = {
  '/': async (context, frame, asked) => {
    const { queries, turns } = context;
    const trouble = await queries.trouble(changesSince);
    const drains = await finished(turns, queries.drains());
    const state = serviceStates.find((name) => name === asked.state);
    const { service } = asked;
    const selection = {
      ...(service !== undefined && { service }),
      ...(state !== undefined && { state }),
      from: placeIn(asked),
    };
    const services = await finished(turns, queries.serviceRows({ ...selection, limit: pageRows }));
    return view({
      title: 'Services',
      place: 'services',
      body: servicesView(frame, services, selection, {
        trouble,
        drained: drainedView(frame, drains),
        timeline: await firstTimeline(context, frame, { services, trouble, asked }),
      }),
    });
  },

  ...recordPages,

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
      body: [
        peerView(frame, peer, { refused, findings }),
        historyView(frame, { peer: peer.name }, await lastEvents(queries, { peer: peer.name })),
      ],
    });
  },

  '/route': async ({ queries, turns }, frame, { prefix = '' }) => {
    // The search says why there is no such page, and what was probably meant.
    const explanation = explanationOf(queries, prefix);
    if (explanation === undefined) {
      return { kind: 'elsewhere', path: `search?q=${encodeURIComponent(prefix)}` };
    }
    const explained = await gathered(turns, explanation);
    return view({
      title: explained.prefix,
      sought: explained.prefix,
      body: [
        routeView(frame, explained),
        historyView(
          frame,
          { prefix: explained.prefix },
          await lastEvents(queries, { prefix: explained.prefix }),
        ),
      ],
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
    const failure = failureIn(asked);
    const domains = domainsOf(context.queries);
    const [scenario] =
      failure === undefined ? [] : (await whatIf(context, failure, mostChanges)).items;
    const each = failure === undefined ? await weakPoints(context, domains) : [];
    const title = failure === undefined ? 'What if' : `What if ${failure.name} failed`;
    return view({ title, place: 'whatif', body: whatIfView(frame, domains, { scenario, each }) });
  },

  '/:page': async (_context, _frame, { page = '' }) => {
    throw new Problem(404, 'unknown_url', `there is no page ${page}`);
  },
};

/** Returns `undefined` for a prefix that no peer announces, and for what is no prefix. */
function explanationOf(
  queries: Pick<Context['queries'], 'explain'>,
  prefix: string,
): Explanation | undefined {
  try {
    return queries.explain(prefix);
  } catch (error) {
    if (error instanceof QueryError) return undefined;
    throw error;
  }
}

/** How many failures are computed at most for the table of all of them. */
const mostTried = 24;

/** Computes what the failure of each node, site and rack would do, if they are few. */
async function weakPoints(context: Context, domains: Domains): Promise<ScenarioView[]> {
  const tried: ScenarioView[] = [];
  for (const domain of ['node', 'site', 'rack'] as const) {
    const { length } = domains[domain];
    if (length === 0 || tried.length + length > mostTried) continue;
    tried.push(...(await whatIf(context, { kind: 'each', domain }, 0)).items);
  }
  return tried;
}
