import { message, MessageType, update } from '#support/raw-message.ts';
import {
  announceIpv4,
  announceIpv6,
  changed,
  endOfRibIpv4,
  endOfRibIpv6,
  hex,
  med,
  mpUnreach,
  usual,
  withdrawIpv4,
} from '../bytes.ts';
import { type Case, group } from '../case.ts';
import { nlriList } from '../own.ts';
import type { Speaker } from '../speaker.ts';
import type { Stage } from '../stage.ts';
import { announced, kept, updateCase, type UpdateRow, withdrawn } from '../update-case.ts';

const rows: readonly UpdateRow[] = [
  {
    name: 'A withdrawal withdraws',
    clause: 'RFC 4271 §4.3',
    send: (own) => withdrawIpv4(own.ipv4()),
    want: withdrawn,
  },
  {
    name: 'A withdrawal of what was never announced touches nothing else',
    clause: 'RFC 4271 §9, docs/rfcs.md',
    send: (own) => withdrawIpv4(own.ipv4(2)),
    want: kept,
  },
  {
    name: 'A route announced and withdrawn in one UPDATE is announced',
    clause: 'RFC 4271 §4.3',
    send: (own) => update(usual, own.ipv4(), own.ipv4()),
    want: announced,
  },
  {
    name: 'Of several routes withdrawn in one UPDATE this one goes',
    clause: 'RFC 4271 §4.3',
    send: (own) => [
      announceIpv4(nlriList(own.ipv4(2), own.ipv4(3))),
      withdrawIpv4(nlriList(own.ipv4(2), own.ipv4(1), own.ipv4(3))),
    ],
    want: withdrawn,
  },
  {
    name: 'A route that is withdrawn and announced again is there',
    clause: 'RFC 4271 §4.3',
    send: (own) => [withdrawIpv4(own.ipv4()), announceIpv4(own.ipv4())],
    want: announced,
  },
  {
    name: 'A route that was treated as withdrawn can be announced again',
    clause: 'RFC 7606 §2',
    send: (own) => [
      announceIpv4(own.ipv4(), changed(Buffer.from([0x40, 1, 1, 9]))),
      announceIpv4(own.ipv4()),
    ],
    want: announced,
  },
  {
    name: 'An IPv6 route that was treated as withdrawn can be announced again',
    clause: 'RFC 7606 §2',
    family: 'ipv6',
    send: (own) => [
      announceIpv6(own.ipv6(), [Buffer.from([0x40, 1, 1, 9]), usual[1]]),
      announceIpv6(own.ipv6()),
    ],
    want: announced,
  },
  {
    name: 'A route that was treated as withdrawn can be withdrawn once more',
    clause: 'RFC 7606 §2',
    send: (own) => [
      announceIpv4(own.ipv4(), changed(Buffer.from([0x40, 1, 1, 9]))),
      withdrawIpv4(own.ipv4()),
    ],
    want: withdrawn,
  },
  {
    name: 'Withdrawals of both families in one UPDATE: the IPv4 one',
    clause: 'RFC 7606 §5.1',
    send: (own) => update([mpUnreach(own.ipv6(2))], Buffer.alloc(0), own.ipv4()),
    want: withdrawn,
  },
];

/** What the client is sent about the route, one word for each event. */
function told(stage: Stage, nlri: Buffer): string {
  const events = stage.clients.plain.historyOf(nlri);
  return events.map(({ kind }) => kind).join(', ') || 'nothing';
}

interface HistoryRow {
  readonly name: string;
  readonly clause: string;
  readonly act: (source: Speaker, stage: Stage) => void;
  readonly want: string;
}

/** The route is announced, then the source acts, then the client reports what it was sent, in order. */
const histories: readonly HistoryRow[] = [
  {
    name: 'A repeated announcement is no message for the client',
    clause: 'RFC 4271 §9.2, docs/rfcs.md',
    act: (source, { own }) => source.send(announceIpv4(own.ipv4()), announceIpv4(own.ipv4())),
    want: 'announced',
  },
  {
    name: 'The same attributes in another order are the same route',
    clause: 'RFC 4271 §5, §9.2',
    act: (source, { own }) => source.send(announceIpv4(own.ipv4(), usual.toReversed())),
    want: 'announced',
  },
  {
    name: 'A changed route replaces the old one without a withdrawal',
    clause: 'RFC 4271 §3.1, §9.1.4',
    act: (source, { own }) => source.send(announceIpv4(own.ipv4(), changed(med(5)))),
    want: 'announced, announced',
  },
  {
    name: 'A withdrawal is told once, though it is repeated',
    clause: 'RFC 4271 §9.2',
    act: (source, { own }) => source.send(withdrawIpv4(own.ipv4()), withdrawIpv4(own.ipv4())),
    want: 'announced, withdrawn',
  },
  {
    name: 'A withdrawal of what was never announced is no message for the client',
    clause: 'RFC 4271 §9.2',
    act: (source, { own }) => source.send(withdrawIpv4(own.ipv4(9))),
    want: 'announced',
  },
  {
    name: 'An End-of-RIB is no message for the client',
    clause: 'RFC 4724 §2',
    act: (source) => source.send(endOfRibIpv4, endOfRibIpv6),
    want: 'announced',
  },
];

function historyCase({ act, ...row }: HistoryRow): Omit<Case, 'group'> {
  return {
    ...row,
    peers: { source: {} },
    async play(stage) {
      const source = await stage.session();
      const nlri = stage.own.ipv4();
      source.send(announceIpv4(nlri));
      await stage.until(() => stage.clients.plain.route(nlri) !== undefined);
      act(source, stage);
      const session = await stage.passed(source);
      return session === 'up' ? told(stage, nlri) : session;
    },
  };
}

/** The session ends in one way or another, and the client is sent the consequence. */
const endings: readonly HistoryRow[] = [
  {
    name: 'The routes of a peer that closes its connection are withdrawn',
    clause: 'RFC 4271 §8.2.2 event 18',
    act: (source) => source.close(),
    want: 'announced, withdrawn',
  },
  {
    name: 'The routes of a peer that sends a NOTIFICATION are withdrawn',
    clause: 'RFC 4271 §8.2.2 event 25',
    act: (source) => source.send(message(MessageType.notification, hex('0602'))),
    want: 'announced, withdrawn',
  },
  {
    name: 'The routes of a peer that makes an error in a header are withdrawn',
    clause: 'RFC 4271 §6.1',
    act: (source) => source.send(Buffer.alloc(19)),
    want: 'announced, withdrawn',
  },
];

function endingCase({ act, ...row }: HistoryRow): Omit<Case, 'group'> {
  return {
    ...row,
    peers: { source: {} },
    async play(stage) {
      const source = await stage.session();
      const nlri = stage.own.ipv4();
      source.send(announceIpv4(nlri), announceIpv6(stage.own.ipv6()));
      const view = stage.clients.plain;
      await stage.until(() => view.route(stage.own.ipv6()) !== undefined);
      act(source, stage);
      await stage.until(() => told(stage, nlri) === row.want);
      await stage.until(() => view.route(stage.own.ipv6()) === undefined);
      return view.route(stage.own.ipv6()) === undefined ? told(stage, nlri) : 'IPv6 stays';
    },
  };
}

export const withdrawalCases = [
  ...group('withdrawals', rows.map(updateCase)),
  ...group('withdrawals', histories.map(historyCase)),
  ...group('withdrawals', endings.map(endingCase)),
];
