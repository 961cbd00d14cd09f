import { announceIpv4, announceIpv6, endOfRibIpv4, endOfRibIpv6 } from '../bytes.ts';
import { type Case, type Family, group } from '../case.ts';
import { capability, fourOctetAs, multiprotocolIpv4, usualCapabilities } from '../open-bytes.ts';
import type { RouteView } from '../route-view.ts';
import type { Stage } from '../stage.ts';

const gracefulRestart = capability(64, 0, 0);
const client = { routes: 'out' } as const;

function endOfRibs(view: RouteView): Family[] {
  return view.since(0).flatMap((event) => (event.kind === 'endOfRib' ? [event.family] : []));
}

/** The routes of a source are there before the client connects; what is the client sent, in which order? */
async function joinLater(stage: Stage): Promise<string> {
  const source = await stage.session();
  const { own } = stage;
  source.send(announceIpv4(own.ipv4()), announceIpv6(own.ipv6()));
  await stage.until(() => stage.clients.plain.route(own.ipv6()) !== undefined);
  const capabilities = [...usualCapabilities(65_003), gracefulRestart];
  const view = await stage.client('client', { capabilities });
  await stage.until(() => endOfRibs(view).length >= 2);
  return `${sentOf(view, own.ipv4(), 'ipv4')}; ${sentOf(view, own.ipv6(), 'ipv6')}`;
}

/** The families may come in either order, but each End-of-RIB comes after its routes. */
function sentOf(view: RouteView, nlri: Buffer, family: Family): string {
  const name = nlri.toString('hex');
  const words = view.since(0).flatMap((event) => {
    if (event.kind === 'endOfRib') return event.family === family ? ['End-of-RIB'] : [];
    return event.kind === 'announced' && event.nlri === name ? ['route'] : [];
  });
  return words.join(', ');
}

const cases: readonly Omit<Case, 'group'>[] = [
  {
    name: 'A client is sent what there is, and then End-of-RIB of each family',
    clause: 'RFC 4724 §2, §4.1',
    peers: { source: {}, client },
    want: 'route, End-of-RIB; route, End-of-RIB',
    play: joinLater,
  },
  {
    name: 'A client that gets no route gets its End-of-RIB all the same',
    clause: 'RFC 4724 §2',
    peers: { client: { routes: 'in' } },
    want: 'ipv4, ipv6',
    async play(stage) {
      const view = await stage.client('client', {
        capabilities: [...usualCapabilities(65_001), gracefulRestart],
      });
      await stage.until(() => endOfRibs(view).length >= 2);
      return endOfRibs(view).toSorted().join(', ');
    },
  },
  {
    name: 'End-of-RIB is sent for negotiated families only',
    clause: 'RFC 4724 §2',
    peers: { source: {}, client },
    want: 'ipv4',
    async play(stage) {
      const view = await stage.client('client', {
        capabilities: [multiprotocolIpv4, fourOctetAs(65_003), gracefulRestart],
      });
      const source = await stage.session();
      await stage.until(() => endOfRibs(view).length >= 1);
      const session = await stage.passed(source, view);
      return session === 'up' ? endOfRibs(view).join(', ') : session;
    },
  },
  {
    name: 'End-of-RIB is sent once, not again after later routes',
    clause: 'RFC 4724 §2',
    peers: { source: {}, client },
    want: 'ipv4, ipv6',
    async play(stage) {
      const view = await stage.client('client', {
        capabilities: [...usualCapabilities(65_003), gracefulRestart],
      });
      await stage.until(() => endOfRibs(view).length >= 2);
      const source = await stage.session();
      source.send(announceIpv4(stage.own.ipv4()), endOfRibIpv4, endOfRibIpv6);
      const session = await stage.passed(source, view);
      return session === 'up' ? endOfRibs(view).toSorted().join(', ') : session;
    },
  },
];

export const endOfRibCases = group('end-of-rib', cases);
