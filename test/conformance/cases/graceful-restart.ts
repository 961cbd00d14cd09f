import { message, MessageType } from '#support/raw-message.ts';
import { announceIpv4, endOfRibIpv4, endOfRibIpv6, hex } from '../bytes.ts';
import { type Case, group, type PeerProfile } from '../case.ts';
import { capability, type OpenParts, usualCapabilities } from '../open-bytes.ts';
import type { Speaker } from '../speaker.ts';
import type { Stage } from '../stage.ts';

interface Offer {
  readonly restarting?: boolean;
  readonly notification?: boolean;
  readonly restartTimeSec?: number;
  /** The F bits. */
  readonly forwarding?: boolean;
}

/** Capability 64 with both families (RFC 4724 §3, RFC 8538 §2). */
function offers({
  restarting,
  notification,
  restartTimeSec = 60,
  forwarding,
}: Offer = {}): OpenParts {
  const flags = (restarting === true ? 0x80 : 0) | (notification === true ? 0x40 : 0);
  const kept = forwarding === false ? 0 : 0x80;
  return {
    capabilities: [
      ...usualCapabilities(65_001),
      capability(64, flags, restartTimeSec, 0, 1, 1, kept, 0, 2, 1, kept),
    ],
  };
}

const cease = message(MessageType.notification, hex('0604'));
const hardReset = message(MessageType.notification, hex('0609 0604'));
const helper: PeerProfile = { isRestartHelper: true };

/** Two routes are announced, the session is lost, and the peer comes back: what is the client sent about route 1? */
interface RestartRow {
  readonly name: string;
  readonly clause: string;
  readonly peer?: PeerProfile;
  readonly offer?: OpenParts;
  readonly lose: (source: Speaker) => void;
  /** The OPEN with which the peer comes back; absent: it stays away. */
  readonly again?: OpenParts;
  /** For this long at least the routes of a peer that stays away are kept; how much longer depends on the machine. */
  readonly keptSec?: number;
  /** What it says then. */
  readonly then?: (stage: Stage) => readonly Uint8Array[];
  readonly want: 'kept' | 'withdrawn' | 'kept, then withdrawn';
  readonly isOurs?: boolean;
}

const ends = [endOfRibIpv4, endOfRibIpv6];
const fin = (source: Speaker): void => source.close();

const rows: readonly RestartRow[] = [
  {
    name: 'The routes of a peer that restarts are kept, and stay when it announces them again',
    clause: 'RFC 4724 §4.2',
    peer: helper,
    offer: offers(),
    lose: fin,
    again: offers({ restarting: true }),
    then: ({ own }) => [announceIpv4(own.ipv4()), announceIpv4(own.ipv4(2)), ...ends],
    want: 'kept',
  },
  {
    name: 'What a restarted peer does not announce again goes with its End-of-RIB',
    clause: 'RFC 4724 §4.2',
    peer: helper,
    offer: offers(),
    lose: fin,
    again: offers({ restarting: true }),
    then: ({ own }) => [announceIpv4(own.ipv4(2)), ...ends],
    want: 'kept, then withdrawn',
  },
  {
    name: 'Without a forwarding bit a restarted peer has lost its routes',
    clause: 'RFC 4724 §4.2',
    peer: helper,
    offer: offers(),
    lose: fin,
    again: offers({ restarting: true, forwarding: false }),
    want: 'kept, then withdrawn',
  },
  {
    name: 'A restarted peer that no longer has the capability has lost its routes',
    clause: 'RFC 4724 §4.2',
    peer: helper,
    offer: offers(),
    lose: fin,
    again: {},
    want: 'kept, then withdrawn',
  },
  {
    name: 'A peer that does not come back within its restart time loses its routes',
    clause: 'RFC 4724 §4.2',
    peer: helper,
    offer: offers({ restartTimeSec: 2 }),
    lose: fin,
    keptSec: 2,
    want: 'kept, then withdrawn',
  },
  {
    name: 'A NOTIFICATION ends everything unless both sides have the N bit',
    clause: 'RFC 4724 §4, RFC 8538 §4',
    peer: helper,
    offer: offers(),
    lose: (source) => source.send(cease),
    want: 'withdrawn',
  },
  {
    name: 'A NOTIFICATION is survived where both sides have the N bit',
    clause: 'RFC 8538 §4',
    peer: helper,
    offer: offers({ notification: true }),
    lose: (source) => source.send(cease),
    again: offers({ restarting: true, notification: true }),
    then: ({ own }) => [announceIpv4(own.ipv4()), ...ends],
    want: 'kept',
  },
  {
    name: 'A Hard Reset ends everything',
    clause: 'RFC 8538 §3.1',
    peer: helper,
    offer: offers({ notification: true }),
    lose: (source) => source.send(hardReset),
    want: 'withdrawn',
  },
  {
    name: 'A peer whose capability has no families keeps no routes',
    clause: 'RFC 4724 §3',
    peer: helper,
    offer: { capabilities: [...usualCapabilities(65_001), capability(64, 0, 60)] },
    lose: fin,
    want: 'withdrawn',
  },
  {
    name: 'By default no routes are kept: a dead node must not look alive',
    clause: 'docs/configuration.md graceful_restart',
    offer: offers({ notification: true }),
    lose: fin,
    want: 'withdrawn',
    isOurs: true,
  },
];

/** What the client was sent about the route since its first announcement. */
function told(stage: Stage): string {
  const events = stage.clients.plain.historyOf(stage.own.ipv4()).slice(1);
  return events.some(({ kind }) => kind === 'withdrawn') ? 'withdrawn' : 'kept';
}

function restartCase({
  lose,
  again,
  keptSec = Infinity,
  then,
  offer,
  peer,
  want,
  ...row
}: RestartRow): Omit<Case, 'group'> {
  return {
    ...row,
    peers: { source: peer ?? {}, other: {} },
    want,
    async play(stage) {
      const source = await stage.session('source', offer);
      const other = await stage.session('other', { routerId: '10.0.0.2' });
      const { own, clients } = stage;
      source.send(announceIpv4(own.ipv4()), announceIpv4(own.ipv4(2)), ...ends);
      await stage.until(() => clients.plain.route(own.ipv4(2)) !== undefined);
      const lostMs = performance.now();
      lose(source);
      if (again === undefined) {
        await stage.until(() => told(stage) === 'withdrawn');
        const seconds = (performance.now() - lostMs) / 1000;
        return seconds >= keptSec ? `kept, then ${told(stage)}` : told(stage);
      }
      await stage.passed(other);
      const first = told(stage);
      await comeBack(stage, again, then);
      await stage.until(() => told(stage) === 'withdrawn', want === 'kept' ? 0 : undefined);
      const last = told(stage);
      return first === last ? first : `${first}, then ${last}`;
    },
  };
}

async function comeBack(stage: Stage, again: OpenParts, then: RestartRow['then']): Promise<void> {
  const back = await stage.session('source', again);
  back.send(...(then?.(stage) ?? []));
  const session = await stage.passed(back);
  if (session !== 'up') throw new Error(`the second session: ${session}`);
}

const others: readonly Omit<Case, 'group'>[] = [
  {
    name: 'A peer that may restart gets in though its old session is not known to be dead',
    clause: 'RFC 4724 §4.2',
    peers: { source: helper },
    want: 'second up, first closed, kept',
    async play(stage) {
      const first = await stage.session('source', offers());
      first.send(announceIpv4(stage.own.ipv4()), ...ends);
      await stage.until(() => stage.clients.plain.route(stage.own.ipv4()) !== undefined);
      const second = await stage.call('source', offers({ restarting: true }));
      const answer = await second.establish(stage.parts('source', offers({ restarting: true })));
      if (answer !== 'established') return `second ${answer}`;
      second.send(announceIpv4(stage.own.ipv4()), ...ends);
      const session = await stage.passed(second);
      await stage.until(() => first.isClosed);
      return `second ${session}, first ${first.isClosed ? 'closed' : 'open'}, ${told(stage)}`;
    },
  },
];

export const gracefulRestartCases = group('graceful restart', [
  ...rows.map(restartCase),
  ...others,
]);
