import { attribute } from '#support/raw-message.ts';
import { announceIpv4, asPath, changed, hex, med, segment, without } from '../bytes.ts';
import { type Case, group, type PeerProfile } from '../case.ts';

/** Two sources announce one route, and the client shows which of them wins. */
interface DecisionRow {
  readonly name: string;
  readonly clause: string;
  readonly winner: readonly Buffer[];
  readonly loser: readonly Buffer[];
  readonly peer?: PeerProfile;
  /** The AS of the loser. Default that of the winner. */
  readonly loserAs?: number;
  /** The identifiers of the winner and of the loser. */
  readonly routerIds?: readonly [string, string];
  readonly isOurs?: boolean;
}

const rows: readonly DecisionRow[] = [
  {
    name: 'The shorter path wins, though its metric is higher',
    clause: 'RFC 4271 §9.1.2.2 a',
    winner: changed(med(9)),
    loser: changed(asPath(65_001, 65_010), med(1)),
  },
  {
    name: 'A set counts as one AS',
    clause: 'RFC 4271 §9.1.2.2 a',
    peer: { allowAsSets: true },
    winner: changed(
      attribute(0x40, 2, [...segment(2, 65_001), ...segment(1, 65_010, 65_011, 65_012)]),
    ),
    loser: changed(asPath(65_001, 65_010, 65_011)),
  },
  {
    name: 'ORIGIN IGP wins over EGP',
    clause: 'RFC 4271 §9.1.2.2 b',
    winner: changed(attribute(0x40, 1, [0]), med(9)),
    loser: changed(attribute(0x40, 1, [1]), med(1)),
  },
  {
    name: 'ORIGIN EGP wins over INCOMPLETE',
    clause: 'RFC 4271 §9.1.2.2 b',
    winner: changed(attribute(0x40, 1, [1]), med(9)),
    loser: changed(attribute(0x40, 1, [2]), med(1)),
  },
  {
    name: 'The lower metric wins among routes of one neighbour AS',
    clause: 'RFC 4271 §9.1.2.2 c',
    winner: changed(med(100)),
    loser: changed(med(101)),
    routerIds: ['10.0.0.9', '10.0.0.1'],
  },
  {
    name: 'Metrics are numbers of 32 bits without a sign',
    clause: 'RFC 4271 §5.1.4, §9.1.2.2 c',
    winner: changed(med(0x7fff_ffff)),
    loser: changed(med(0x8000_0000)),
    routerIds: ['10.0.0.9', '10.0.0.1'],
  },
  {
    name: 'A missing metric is the lowest there is',
    clause: 'RFC 4271 §9.1.2.2 c',
    winner: without(4),
    loser: changed(med(1)),
    routerIds: ['10.0.0.9', '10.0.0.1'],
  },
  {
    name: 'Metrics of different neighbour ASes are not compared',
    clause: 'RFC 4271 §9.1.2.2 c',
    winner: changed(med(900)),
    loser: changed(asPath(65_021), med(1)),
    loserAs: 65_021,
    routerIds: ['10.0.0.1', '10.0.0.9'],
  },
  {
    name: 'The lower BGP Identifier wins at last',
    clause: 'RFC 4271 §9.1.2.2 f',
    winner: changed(),
    loser: changed(),
    routerIds: ['10.0.0.1', '10.0.0.2'],
  },
  {
    name: 'BGP Identifiers are numbers of 32 bits without a sign',
    clause: 'RFC 4271 §9.1.2.2 f',
    winner: changed(),
    loser: changed(),
    routerIds: ['127.0.0.1', '128.0.0.1'],
  },
  {
    name: 'Between peers with one BGP Identifier the lower address wins',
    clause: 'RFC 4271 §9.1.2.2 g, RFC 6286 §2.1',
    winner: changed(),
    loser: changed(),
    routerIds: ['10.0.0.1', '10.0.0.1'],
  },
  {
    name: 'GRACEFUL_SHUTDOWN gives way, whatever the path',
    clause: 'RFC 8326 §4.1',
    winner: changed(asPath(65_001, 65_010, 65_011)),
    loser: changed(attribute(0xc0, 8, [...hex('ffff0000')])),
  },
  {
    name: 'LOCAL_PREF of an external peer decides nothing',
    clause: 'RFC 4271 §5.1.5, RFC 7606 §7.5',
    winner: changed(med(1)),
    loser: changed(attribute(0x40, 5, [0, 0, 3, 0xe8]), med(9)),
  },
];

/** The next hop tells them apart: 192.0.2.11 wins. */
const ofWinner = attribute(0x40, 3, [192, 0, 2, 11]);
const ofLoser = attribute(0x40, 3, [192, 0, 2, 22]);

function withNextHop(attributes: readonly Buffer[], nextHop: Buffer): Buffer[] {
  return attributes.map((each) => (each[1] === 3 ? nextHop : each));
}

/** It is played in both orders of arrival, because the result must not depend on the order. */
function inBothOrders(row: DecisionRow): Omit<Case, 'group'>[] {
  const { name, clause, isOurs, peer = {}, loserAs } = row;
  const peers = { winner: peer, loser: { ...peer, ...(loserAs && { as: loserAs }) } };
  return ([true, false] as const).map((isWinnerFirst) => ({
    name: `${name} (it comes ${isWinnerFirst ? 'first' : 'last'})`,
    clause,
    peers,
    want: 'c000020b',
    ...(isOurs === true && { isOurs }),
    async play(stage) {
      const [winnerId, loserId] = row.routerIds ?? ['10.0.0.9', '10.0.0.1'];
      const winner = await stage.session('winner', { routerId: winnerId });
      const loser = await stage.session('loser', { routerId: loserId });
      const nlri = stage.own.ipv4();
      const view = stage.clients.plain;
      const speak = [
        (): void => winner.send(announceIpv4(nlri, withNextHop(row.winner, ofWinner))),
        (): void => loser.send(announceIpv4(nlri, withNextHop(row.loser, ofLoser))),
      ];
      if (!isWinnerFirst) speak.reverse();
      speak[0]();
      await stage.until(() => view.route(nlri) !== undefined);
      speak[1]();
      await stage.passed(isWinnerFirst ? loser : winner);
      const nextHop = (): string =>
        view.route(nlri)?.attributes.get(3)?.value.toString('hex') ?? 'nothing';
      await stage.until(() => nextHop() === 'c000020b');
      return nextHop();
    },
  }));
}

export const decisionCases = group('decision', rows.flatMap(inBothOrders));
