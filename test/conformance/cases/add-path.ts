import {
  announceIpv4,
  announceIpv6,
  changed,
  hex,
  med,
  mpUnreach,
  u32,
  updateOf,
  withdrawIpv4,
} from '../bytes.ts';
import { type Case, group } from '../case.ts';
import { addPath, type OpenParts, usualCapabilities } from '../open-bytes.ts';
import { RouteView } from '../route-view.ts';
import type { Stage } from '../stage.ts';
import {
  announced,
  kept,
  reset,
  seen,
  updateCase,
  type UpdateRow,
  withdrawn,
} from '../update-case.ts';

const sends: OpenParts = { capabilities: [...usualCapabilities(65_001), addPath(2)] };
const both: OpenParts = { capabilities: [...usualCapabilities(65_001), addPath(3)] };
const receive = { addPath: 'receive' } as const;

/** NLRI with its path identifier (RFC 7911 §3). */
function path(id: number, nlri: Buffer): Buffer {
  return Buffer.concat([Buffer.from(u32(id)), nlri]);
}

/** Before the case, path 1 is announced with MED 1. */
const receiving: readonly Omit<UpdateRow, 'peer' | 'open'>[] = [
  {
    name: 'A path is replaced by its identifier',
    clause: 'RFC 7911 §2, §3',
    send: (own) => announceIpv4(path(1, own.ipv4())),
    want: seen({ 4: '80 00000002' }),
  },
  {
    name: 'A second path that is worse leaves the first one best',
    clause: 'RFC 7911 §2',
    send: (own) => announceIpv4(path(2, own.ipv4())),
    want: kept,
  },
  {
    name: 'A second path that is better is best',
    clause: 'RFC 7911 §2',
    send: (own) => announceIpv4(path(2, own.ipv4()), changed(med(0))),
    want: seen({ 4: '80 00000000' }),
  },
  {
    name: 'When the best path goes, the other one is best',
    clause: 'RFC 7911 §2, §3',
    send: (own) => [announceIpv4(path(2, own.ipv4())), withdrawIpv4(path(1, own.ipv4()))],
    want: seen({ 4: '80 00000002' }),
  },
  {
    name: 'When a path goes that is not the best, nothing changes',
    clause: 'RFC 7911 §3',
    send: (own) => [announceIpv4(path(2, own.ipv4())), withdrawIpv4(path(2, own.ipv4()))],
    want: kept,
  },
  {
    name: 'When all paths go, the route goes',
    clause: 'RFC 7911 §3',
    send: (own) => [
      announceIpv4(path(2, own.ipv4())),
      withdrawIpv4(Buffer.concat([path(2, own.ipv4()), path(1, own.ipv4())])),
    ],
    want: withdrawn,
  },
  {
    name: 'A withdrawal with an unknown identifier is nothing',
    clause: 'RFC 7911 §3',
    send: (own) => withdrawIpv4(path(77, own.ipv4())),
    want: kept,
  },
  {
    name: 'Identifier 0 is an identifier',
    clause: 'RFC 7911 §3',
    send: (own) => announceIpv4(path(0, own.ipv4()), changed(med(0))),
    want: announced,
  },
  {
    name: 'Identifier 4294967295 is an identifier',
    clause: 'RFC 7911 §3',
    send: (own) => announceIpv4(path(0xffff_ffff, own.ipv4()), changed(med(0))),
    want: announced,
  },
  {
    name: 'Only the path that is malformed is treated as withdrawn',
    clause: 'RFC 7606 §2, RFC 7911 §3',
    send: (own) => [
      announceIpv4(path(2, own.ipv4())),
      announceIpv4(path(1, own.ipv4()), changed(Buffer.from([0x40, 1, 1, 9]))),
    ],
    want: seen({ 4: '80 00000002' }),
  },
  {
    name: 'An identifier that is cut off resets the session',
    clause: 'RFC 7911 §3, RFC 7606 §5.3',
    send: (own) => announceIpv4(Buffer.concat([path(2, own.ipv4(2)), hex('0000')])),
    want: reset('3/10'),
  },
  {
    name: 'NLRI without identifiers are read with them, and make no sense',
    clause: 'RFC 7911 §3, RFC 7606 §5.3',
    send: (own) => announceIpv4(own.ipv4()),
    want: reset('3/10'),
  },
];

const otherReceiving: readonly UpdateRow[] = [
  {
    name: 'A peer that can do both sends identifiers too',
    clause: 'RFC 7911 §4',
    peer: receive,
    open: both,
    send: (own) => announceIpv4(path(1, own.ipv4())),
    want: announced,
  },
  {
    name: 'IPv6 paths have identifiers too',
    clause: 'RFC 7911 §3',
    family: 'ipv6',
    peer: receive,
    open: sends,
    send: (own) => [announceIpv6(path(2, own.ipv6())), updateOf(mpUnreach(path(1, own.ipv6())))],
    want: seen({ 4: '80 00000002' }),
  },
];

/** The peer supports it, but only the daemon's OPEN or only its own says so: then there are no path identifiers. */
const oneSided: readonly (Omit<UpdateRow, 'send' | 'want'> & { readonly open: OpenParts })[] = [
  {
    name: 'Without ADD-PATH in the OPEN of the peer there are no identifiers',
    clause: 'RFC 7911 §4',
    peer: receive,
    open: {},
  },
  {
    name: 'Without ADD-PATH in the OPEN of the daemon there are no identifiers',
    clause: 'RFC 7911 §4',
    open: sends,
  },
];

/** Two sources announce one route, and a client that takes several paths is looked at. */
async function twoSources(stage: Stage): Promise<RouteView> {
  const first = await stage.session('first');
  const second = await stage.session('second', { routerId: '10.0.0.2' });
  const nlri = stage.own.ipv4();
  const view = stage.clients.paths;
  first.send(announceIpv4(nlri, changed(med(1))));
  second.send(announceIpv4(nlri, changed(med(2))));
  await stage.until(() => view.paths(nlri).size === 2);
  return view;
}

function meds(view: RouteView, nlri: Buffer): string {
  const values = [...view.paths(nlri).values()].map(
    ({ attributes }) => attributes.get(4)?.value.at(-1) ?? 'none',
  );
  return `MED ${values.toSorted().join(' and ')}`;
}

const sources = { first: {}, second: {} };

const sending: readonly Omit<Case, 'group'>[] = [
  {
    name: 'A client that takes several paths is sent them all, each with its identifier',
    clause: 'RFC 7911 §2, §5',
    peers: sources,
    want: 'MED 1 and 2',
    async play(stage) {
      const view = await twoSources(stage);
      return meds(view, stage.own.ipv4());
    },
  },
  {
    name: 'One of several paths is withdrawn by its identifier',
    clause: 'RFC 7911 §3',
    peers: sources,
    want: 'MED 2',
    async play(stage) {
      const view = await twoSources(stage);
      const nlri = stage.own.ipv4();
      stage.speaker('first').send(withdrawIpv4(nlri));
      await stage.until(() => view.paths(nlri).size === 1);
      return meds(view, nlri);
    },
  },
  {
    name: 'A path that changes keeps its identifier',
    clause: 'RFC 7911 §3',
    peers: sources,
    want: 'the same identifiers, MED 2 and 9',
    async play(stage) {
      const view = await twoSources(stage);
      const nlri = stage.own.ipv4();
      const before = [...view.paths(nlri).keys()].toSorted().join();
      stage.speaker('first').send(announceIpv4(nlri, changed(med(9))));
      await stage.until(() => meds(view, nlri).includes('9'));
      const after = [...view.paths(nlri).keys()].toSorted().join();
      return `${before === after ? 'the same' : 'other'} identifiers, ${meds(view, nlri)}`;
    },
  },
  {
    name: 'A client without ADD-PATH is sent the best path only',
    clause: 'RFC 7911 §4',
    peers: sources,
    want: 'MED 1',
    async play(stage) {
      await twoSources(stage);
      await stage.until(() => meds(stage.clients.plain, stage.own.ipv4()) === 'MED 1');
      return meds(stage.clients.plain, stage.own.ipv4());
    },
  },
  {
    name: 'A client whose ADD-PATH says Send only is sent no identifiers',
    clause: 'RFC 7911 §4',
    peers: { source: {}, client: { routes: 'out', addPath: 'send' } },
    want: 'no identifier',
    async play(stage) {
      const capabilities = [...usualCapabilities(65_003), addPath(2)];
      const { speaker } = await stage.client('client', { capabilities });
      // They are read as if there were no path identifiers.
      const view = new RouteView(speaker);
      const source = await stage.session();
      source.send(announceIpv4(stage.own.ipv4()));
      const isThere = (): boolean => view.route(stage.own.ipv4()) !== undefined;
      return (await stage.until(isThere)) ? 'no identifier' : 'not so';
    },
  },
];

export const addPathCases = group('add-path', [
  ...receiving.map((row) => updateCase({ ...row, peer: receive, open: sends })),
  ...otherReceiving.map(updateCase),
  ...oneSided.map((row) =>
    updateCase({ ...row, send: (own) => announceIpv4(own.ipv4()), want: announced }),
  ),
  ...sending,
]);
