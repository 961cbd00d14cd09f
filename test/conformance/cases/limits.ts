import { routeRefresh, update } from '#support/raw-message.ts';
import { announceIpv4, announceIpv6, changed, med, withdrawIpv4 } from '../bytes.ts';
import { type Case, group, type PeerProfile } from '../case.ts';
import { nlriList } from '../own.ts';
import type { Speaker } from '../speaker.ts';
import type { Stage } from '../stage.ts';

interface LimitRow {
  readonly name: string;
  readonly clause: string;
  readonly peer: PeerProfile;
  /** Afterwards the session is `up`, or this is how it ended. */
  readonly act: (source: Speaker, stage: Stage) => Promise<void> | void;
  /** `up` or the NOTIFICATION, then which of the routes 1 to 4 the client has. */
  readonly want: string;
  readonly isOurs?: boolean;
}

const two = (action: 'block' | 'warning' | 'restart' | 'shutdown'): PeerProfile => ({
  limit: { limit: 2, action },
});
const numbers = [1, 2, 3, 4];

function send(source: Speaker, { own }: Stage, ...routes: readonly number[]): void {
  for (const n of routes) source.send(announceIpv4(own.ipv4(n)));
}

async function isThere(stage: Stage, ...routes: readonly number[]): Promise<void> {
  const { own, clients } = stage;
  const all = (): boolean =>
    numbers.every((n) => (clients.plain.route(own.ipv4(n)) !== undefined) === routes.includes(n));
  await stage.until(all);
}

const rows: readonly LimitRow[] = [
  {
    name: 'As many routes as the limit are no reason to end anything',
    clause: 'RFC 4486 §4, docs/rfcs.md',
    peer: two('restart'),
    act: async (source, stage) => {
      send(source, stage, 1, 2);
      await isThere(stage, 1, 2);
    },
    want: 'up; 1 2',
  },
  {
    name: 'A replacement does not count against the limit',
    clause: 'RFC 4486 §4, docs/rfcs.md',
    peer: two('restart'),
    act: async (source, stage) => {
      send(source, stage, 1, 2);
      source.send(announceIpv4(stage.own.ipv4(2), changed(med(9))));
      await isThere(stage, 1, 2);
    },
    want: 'up; 1 2',
  },
  {
    name: 'A route that comes in the place of a withdrawn one does not count against the limit',
    clause: 'RFC 4486 §4, docs/rfcs.md',
    peer: two('restart'),
    act: async (source, stage) => {
      send(source, stage, 1, 2);
      source.send(withdrawIpv4(stage.own.ipv4(1)));
      send(source, stage, 3);
      await isThere(stage, 2, 3);
    },
    want: 'up; 2 3',
  },
  {
    name: 'The route after the limit ends the session: family and limit are the data',
    clause: 'RFC 4486 §4',
    peer: two('restart'),
    act: (source, stage) => send(source, stage, 1, 2, 3),
    want: 'NOTIFICATION 6/1 00010100000002; none',
  },
  {
    name: 'The route after the limit ends the session for good where that is configured',
    clause: 'RFC 4486 §4, docs/configuration.md max_prefix',
    peer: two('shutdown'),
    act: (source, stage) => send(source, stage, 1, 2, 3),
    want: 'NOTIFICATION 6/1 00010100000002; none',
  },
  {
    name: 'Too many routes in one UPDATE end the session',
    clause: 'RFC 4486 §4',
    peer: two('restart'),
    act: (source, { own }) =>
      source.send(announceIpv4(nlriList(...numbers.map((n) => own.ipv4(n))))),
    want: 'NOTIFICATION 6/1 00010100000002; none',
  },
  {
    name: 'Too many IPv6 routes end the session: the data says IPv6',
    clause: 'RFC 4486 §4',
    peer: two('restart'),
    act: (source, { own }) =>
      source.send(announceIpv6(nlriList(...numbers.map((n) => own.ipv6(n))))),
    want: 'NOTIFICATION 6/1 00020100000002; none',
  },
  {
    name: 'Each family has a limit of its own',
    clause: 'RFC 4486 §4, docs/rfcs.md',
    peer: two('restart'),
    act: async (source, stage) => {
      send(source, stage, 1, 2);
      source.send(announceIpv6(nlriList(stage.own.ipv6(1), stage.own.ipv6(2))));
      await isThere(stage, 1, 2);
    },
    want: 'up; 1 2',
  },
  {
    name: 'Replacing all routes between BoRR and EoRR is no reason to end anything',
    clause: 'RFC 7313 §4, RFC 4486 §4',
    peer: two('restart'),
    act: async (source, stage) => {
      send(source, stage, 1, 2);
      source.send(routeRefresh(1, 1));
      send(source, stage, 3, 4);
      source.send(routeRefresh(1, 2));
      await isThere(stage, 3, 4);
    },
    want: 'up; 3 4',
  },
  {
    name: 'A route beyond the limit that BoRR and EoRR leave ends the session',
    clause: 'RFC 7313 §4, RFC 4486 §4',
    peer: two('restart'),
    act: (source, stage) => {
      send(source, stage, 1, 2);
      source.send(routeRefresh(1, 1));
      send(source, stage, 1, 3, 4);
      source.send(routeRefresh(1, 2));
    },
    want: 'NOTIFICATION 6/1 00010100000002; none',
  },
  {
    name: 'One UPDATE that withdraws and announces the same route keeps its place under the limit',
    clause: 'RFC 4271 §3.1, docs/rfcs.md',
    peer: two('block'),
    act: async (source, stage) => {
      const { own } = stage;
      send(source, stage, 2, 3, 1);
      await isThere(stage, 2, 3);
      source.send(update(changed(med(9)), own.ipv4(2), own.ipv4(2)));
      await stage.until(
        () => stage.clients.plain.route(own.ipv4(2))?.attributes.get(4)?.value[3] === 9,
      );
    },
    want: 'up; 2 3',
  },
  {
    name: 'A warning lets the surplus in',
    clause: 'docs/rfcs.md',
    peer: two('warning'),
    act: async (source, stage) => {
      send(source, stage, 1, 2, 3);
      await isThere(stage, 1, 2, 3);
    },
    want: 'up; 1 2 3',
  },
  {
    name: 'A block keeps the session and what is in, and refuses the surplus',
    clause: 'docs/rfcs.md',
    peer: two('block'),
    act: async (source, stage) => {
      send(source, stage, 1, 2, 3);
      await isThere(stage, 1, 2);
    },
    want: 'up; 1 2',
    isOurs: true,
  },
  {
    name: 'A blocked route comes in by itself when there is room',
    clause: 'docs/rfcs.md',
    peer: two('block'),
    act: async (source, stage) => {
      send(source, stage, 1, 2, 4, 3);
      source.send(withdrawIpv4(stage.own.ipv4(1)));
      await isThere(stage, 2, 3);
    },
    want: 'up; 2 3',
    isOurs: true,
  },
  {
    name: 'A blocked route that is withdrawn does not come in',
    clause: 'docs/rfcs.md',
    peer: two('block'),
    act: async (source, stage) => {
      send(source, stage, 1, 2, 3, 4);
      source.send(withdrawIpv4(nlriList(stage.own.ipv4(3), stage.own.ipv4(1))));
      await isThere(stage, 2, 4);
    },
    want: 'up; 2 4',
    isOurs: true,
  },
  {
    name: 'The limit of received routes counts those that are not accepted too',
    clause: 'RFC 4486 §4, docs/rfcs.md',
    peer: { nextHop: 'peer', receivedLimit: { limit: 2, action: 'restart' } },
    act: (source, stage) => send(source, stage, 1, 2, 3),
    want: 'NOTIFICATION 6/1 00010100000002; none',
    isOurs: true,
  },
];

function limitCase({ act, peer, ...row }: LimitRow): Omit<Case, 'group'> {
  return {
    ...row,
    peers: { source: peer },
    async play(stage) {
      const source = await stage.session();
      await act(source, stage);
      const ended = row.want.startsWith('up') ? 'up' : await source.ending();
      if (ended !== 'up') await isThere(stage);
      const { own, clients } = stage;
      const held = numbers.filter((n) => clients.plain.route(own.ipv4(n)) !== undefined);
      const session = ended === 'up' && source.isClosed ? await source.ending() : ended;
      return `${session}; ${held.join(' ') || 'none'}`;
    },
  };
}

export const limitCases = group('limits', rows.map(limitCase));
