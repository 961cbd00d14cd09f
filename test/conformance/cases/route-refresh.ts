import { message, MessageType, routeRefresh } from '#support/raw-message.ts';
import { announceIpv4, announceIpv6, changed, hex, med, withdrawIpv4 } from '../bytes.ts';
import { type Case, group, type PeerProfile } from '../case.ts';
import {
  fourOctetAs,
  multiprotocolIpv4,
  multiprotocolIpv6,
  type OpenParts,
  routeRefresh as refreshCapability,
} from '../open-bytes.ts';
import type { RouteView } from '../route-view.ts';
import { messageCase, type MessageRow } from '../session-case.ts';
import type { Stage } from '../stage.ts';
import { kept, updateCase, type UpdateRow, withdrawn } from '../update-case.ts';

const refreshBody = (body: string): Buffer => message(MessageType.routeRefresh, hex(body));
const wholeMessage = (body: string): string => refreshBody(body).toString('hex');
const begin = routeRefresh(1, 1);
const end = routeRefresh(1, 2);
/** Without Enhanced Route Refresh. */
const plainOnly = (as: number): OpenParts => ({
  capabilities: [multiprotocolIpv4, multiprotocolIpv6, refreshCapability, fourOctetAs(as)],
});

const messages: readonly MessageRow[] = [
  {
    name: 'A begin of refresh (BoRR) that is too short is an error of its own',
    clause: 'RFC 7313 §5',
    state: 'Established',
    send: refreshBody('0001 01'),
    want: `NOTIFICATION 7/1 ${wholeMessage('0001 01')}`,
  },
  {
    name: 'A begin of refresh (BoRR) that is too long is an error of its own',
    clause: 'RFC 7313 §5',
    state: 'Established',
    send: refreshBody('0001 01 01 00'),
    want: `NOTIFICATION 7/1 ${wholeMessage('0001 01 01 00')}`,
  },
  {
    name: 'An end of refresh (EoRR) that is too long is an error of its own',
    clause: 'RFC 7313 §5',
    state: 'Established',
    send: refreshBody('0001 02 01 0000'),
    want: `NOTIFICATION 7/1 ${wholeMessage('0001 02 01 0000')}`,
  },
  {
    name: 'A request of a wrong length is an error too',
    clause: 'RFC 2918 §3, RFC 7313 §5, docs/rfcs.md',
    state: 'Established',
    send: refreshBody('0001 00 01 00'),
    want: `NOTIFICATION 7/1 ${wholeMessage('0001 00 01 00')}`,
  },
  {
    name: 'A ROUTE-REFRESH without a body is an error too',
    clause: 'RFC 2918 §3, RFC 7313 §5, docs/rfcs.md',
    state: 'Established',
    send: refreshBody(''),
    want: `NOTIFICATION 7/1 ${wholeMessage('')}`,
  },
  {
    name: 'A ROUTE-REFRESH of an unknown AFI is ignored',
    clause: 'RFC 2918 §4',
    state: 'Established',
    send: refreshBody('4004 00 47'),
    want: 'up',
  },
  {
    name: 'A ROUTE-REFRESH of a family that was not negotiated is ignored',
    clause: 'RFC 2918 §4',
    state: 'Established',
    peer: { families: ['ipv4'] },
    send: routeRefresh(2),
    want: 'up',
  },
  {
    name: 'A ROUTE-REFRESH of an unknown subtype is ignored',
    clause: 'RFC 7313 §5',
    state: 'Established',
    send: routeRefresh(1, 9),
    want: 'up',
  },
  {
    name: 'A ROUTE-REFRESH of an unknown subtype is ignored whatever its length',
    clause: 'RFC 7313 §5',
    state: 'Established',
    send: refreshBody('0001 09 01 00'),
    want: 'up',
  },
  {
    name: 'An end of refresh (EoRR) without its begin is ignored',
    clause: 'RFC 7313 §4',
    state: 'Established',
    send: end,
    want: 'up',
  },
];

/** A source refreshes what it has sent; before that the route has MED 1. */
const sweeps: readonly UpdateRow[] = [
  {
    name: 'What is not sent again between BoRR and EoRR is withdrawn',
    clause: 'RFC 7313 §4',
    send: () => [begin, end],
    want: withdrawn,
  },
  {
    name: 'What is sent again between BoRR and EoRR stays',
    clause: 'RFC 7313 §4',
    send: (own) => [begin, announceIpv4(own.ipv4(), changed(med(1))), end],
    want: kept,
  },
  {
    name: 'Before EoRR nothing is withdrawn',
    clause: 'RFC 7313 §4',
    send: () => begin,
    want: kept,
  },
  {
    name: 'A second BoRR begins again: what came after the first only is withdrawn',
    clause: 'RFC 7313 §4',
    send: (own) => [begin, announceIpv4(own.ipv4(), changed(med(1))), begin, end],
    want: withdrawn,
  },
  {
    name: 'A refresh of IPv6 leaves IPv4 routes alone',
    clause: 'RFC 7313 §4',
    send: () => [routeRefresh(2, 1), routeRefresh(2, 2)],
    want: kept,
  },
  {
    name: 'A refresh of IPv6 sweeps IPv6 routes',
    clause: 'RFC 7313 §4',
    family: 'ipv6',
    send: () => [routeRefresh(2, 1), routeRefresh(2, 2)],
    want: withdrawn,
  },
  {
    name: 'A route withdrawn during a refresh goes at once',
    clause: 'RFC 7313 §4',
    send: (own) => [begin, withdrawIpv4(own.ipv4())],
    want: withdrawn,
  },
];

/**
 * A client sends a ROUTE-REFRESH: what is it sent afterwards, in order? Only the routes of the case, BoRR and EoRR are
 * shown.
 */
async function askAgain(
  stage: Stage,
  family: 'ipv4' | 'ipv6',
  parts: OpenParts,
  isDone: (told: string) => boolean,
): Promise<string> {
  const view = await stage.client('client', parts);
  const source = await stage.session();
  const nlri = stage.own[family]();
  source.send(family === 'ipv4' ? announceIpv4(nlri) : announceIpv6(nlri));
  await stage.until(() => view.route(nlri) !== undefined);
  const from = view.since(0).length;
  view.speaker.send(routeRefresh(family === 'ipv4' ? 1 : 2));
  await stage.until(() => isDone(told(view, from, nlri)));
  const session = await stage.passed(source, view);
  return session === 'up' ? told(view, from, nlri) : session;
}

function told(view: RouteView, from: number, nlri: Buffer): string {
  const name = nlri.toString('hex');
  const words = view.since(from).flatMap((event) => {
    if (event.kind === 'refresh') return [event.body];
    return event.kind === 'announced' && event.nlri === name ? ['route'] : [];
  });
  return words.join(', ');
}

const requests: readonly Omit<Case, 'group'>[] = [
  {
    name: 'A client that asks is sent everything again, between BoRR and EoRR',
    clause: 'RFC 7313 §4',
    peers: { source: {}, client: { routes: 'out' } },
    want: '00010101, route, 00010201',
    play: (stage) => askAgain(stage, 'ipv4', {}, (text) => text.endsWith('00010201')),
  },
  {
    name: 'A client that asks for IPv6 is sent that again, between BoRR and EoRR',
    clause: 'RFC 7313 §4',
    peers: { source: {}, client: { routes: 'out' } },
    want: '00020101, route, 00020201',
    play: (stage) => askAgain(stage, 'ipv6', {}, (text) => text.endsWith('00020201')),
  },
  {
    name: 'A client without Enhanced Route Refresh is sent everything again, and no more',
    clause: 'RFC 2918 §4, RFC 7313 §4',
    peers: { source: {}, client: { routes: 'out' } },
    want: 'route',
    play: (stage) => askAgain(stage, 'ipv4', plainOnly(65_003), (text) => text.endsWith('route')),
  },
  {
    name: 'A client that asks for IPv6 is not sent IPv4 again',
    clause: 'RFC 2918 §4',
    peers: { source: {}, client: { routes: 'out' } },
    want: 'IPv4 once',
    async play(stage) {
      const view = await stage.client('client', plainOnly(65_003));
      const source = await stage.session();
      const { own } = stage;
      source.send(announceIpv4(own.ipv4()), announceIpv6(own.ipv6()));
      await stage.until(() => view.route(own.ipv6()) !== undefined);
      view.speaker.send(routeRefresh(2));
      await stage.until(() => view.historyOf(own.ipv6()).length === 2);
      const count = view.historyOf(own.ipv4()).length;
      return count === 1 ? 'IPv4 once' : `IPv4 ${count} times`;
    },
  },
];

/** A client sends a ROUTE-REFRESH as soon as its session is up: what comes in which order, routes left out? */
const firstTable: readonly Omit<Case, 'group'>[] = [
  ['a client', 'out', undefined],
  ['a client that takes several paths', 'out', 'send'],
].map(([who, routes, addPath]) => ({
  name: `A request of ${who} during the first table is answered after End-of-RIB`,
  clause: 'RFC 7313 §4',
  peers: {
    source: {},
    client: { routes, ...(addPath !== undefined && { addPath }) } as PeerProfile,
  },
  want: 'End-of-RIB, 00010101, 00010201',
  async play(stage: Stage) {
    const source = await stage.session();
    for (let n = 1; n < 200; n++) source.send(announceIpv4(stage.own.ipv4(n)));
    await stage.passed(source);
    const view = await stage.client('client');
    view.speaker.send(routeRefresh(1));
    const order = (): string =>
      view
        .since(0)
        .flatMap((event) => {
          if (event.kind === 'refresh') return [event.body];
          return event.kind === 'endOfRib' && event.family === 'ipv4' ? ['End-of-RIB'] : [];
        })
        .join(', ');
    await stage.until(() => order().endsWith('00010201') && order().includes('End-of-RIB'));
    return order();
  },
}));

export const routeRefreshCases = group('route refresh', [
  ...messages.map(messageCase),
  ...sweeps.map(updateCase),
  ...requests,
  ...firstTable,
]);
