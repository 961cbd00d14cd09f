import { message, MessageType } from '#support/raw-message.ts';
import { RawSpeaker } from '#support/raw-speaker.ts';
import { announceIpv4, changed, hex, updateOf } from '../bytes.ts';
import { type Case, group, type PeerProfile } from '../case.ts';
import { openMessage } from '../open-bytes.ts';
import { Speaker } from '../speaker.ts';
import type { Stage } from '../stage.ts';

/** How the first session ends, and how the next connection is answered at once. */
interface CallRow {
  readonly name: string;
  readonly clause: string;
  readonly peer?: PeerProfile;
  readonly end: (stage: Stage) => Promise<void>;
  readonly want: 'welcome' | 'NOTIFICATION 6/5';
  /** The rules are our own; that a peer which did nothing wrong may connect again is common sense. */
  readonly isOurs?: boolean;
}

async function established(stage: Stage, ...bytes: readonly Uint8Array[]): Promise<void> {
  const source = await stage.session();
  source.send(...bytes);
  await source.ending();
}

async function afterOpen(stage: Stage, bytes: Uint8Array): Promise<void> {
  const source = await stage.call();
  source.send(bytes);
  await source.ending();
}

const rows: readonly CallRow[] = [
  {
    name: 'After FIN the next call is welcome at once',
    clause: 'docs/configuration.md idle_hold',
    end: async (stage) => (await stage.session()).close(),
    want: 'welcome',
    isOurs: true,
  },
  {
    name: 'After a NOTIFICATION of the peer the next call is welcome at once',
    clause: 'docs/configuration.md idle_hold',
    end: (stage) => established(stage, message(MessageType.notification, hex('0604'))),
    want: 'welcome',
    isOurs: true,
  },
  {
    name: 'After the hold timer has expired the next call is welcome at once',
    clause: 'docs/configuration.md idle_hold',
    peer: { holdTimeSec: 3 },
    end: (stage) => established(stage),
    want: 'welcome',
    isOurs: true,
  },
  {
    name: 'After an error in an OPEN the next call is refused for a while',
    clause: 'RFC 4271 §8.1.1, RFC 4486 §4, docs/configuration.md idle_hold',
    end: (stage) => afterOpen(stage, openMessage({ as: 65_009 })),
    want: 'NOTIFICATION 6/5',
    isOurs: true,
  },
  {
    name: 'After an error in a header the next call is refused for a while',
    clause: 'RFC 4271 §8.1.1, RFC 4486 §4, docs/configuration.md idle_hold',
    end: (stage) => established(stage, Buffer.alloc(19)),
    want: 'NOTIFICATION 6/5',
    isOurs: true,
  },
  {
    name: 'After an error in an UPDATE the next call is refused for a while',
    clause: 'RFC 4271 §8.1.1, RFC 4486 §4, docs/configuration.md idle_hold',
    end: (stage) => established(stage, updateOf(...changed(Buffer.from([0x40, 99, 0])))),
    want: 'NOTIFICATION 6/5',
    isOurs: true,
  },
  {
    name: 'After a limit the next call is refused for a while',
    clause: 'RFC 4486 §4, docs/configuration.md idle_hold',
    peer: { limit: { limit: 1, action: 'restart' } },
    end: (stage) =>
      established(stage, announceIpv4(Buffer.concat([stage.own.ipv4(1), stage.own.ipv4(2)]))),
    want: 'NOTIFICATION 6/5',
    isOurs: true,
  },
  {
    name: 'After a limit without restart the next call is refused',
    clause: 'RFC 4486 §4, docs/configuration.md max_prefix',
    peer: { limit: { limit: 1, action: 'shutdown' } },
    end: (stage) =>
      established(stage, announceIpv4(Buffer.concat([stage.own.ipv4(1), stage.own.ipv4(2)]))),
    want: 'NOTIFICATION 6/5',
    isOurs: true,
  },
  {
    name: 'After an FSM error the next call is welcome at once',
    clause: 'docs/configuration.md idle_hold',
    end: (stage) => established(stage, openMessage({})),
    want: 'welcome',
    isOurs: true,
  },
];

function callCase({ end, peer, ...row }: CallRow): Omit<Case, 'group'> {
  return {
    ...row,
    peers: { source: peer ?? {} },
    async play(stage) {
      await end(stage);
      // It takes time until a FIN is read.
      let answer = await answerToCall(stage);
      await stage.until(() => answer === row.want, 0.2);
      if (answer !== row.want && row.want === 'welcome') answer = await answerToCall(stage);
      return answer;
    },
  };
}

async function answerToCall(stage: Stage): Promise<string> {
  const speaker = stage.knock();
  return (await speaker.hasOpen()) ? 'welcome' : speaker.ending();
}

/** What an operator does, and what the peer is sent (RFC 4486, RFC 9003). Only fingerpost is asked. */
interface CommandRow {
  readonly name: string;
  readonly clause: string;
  readonly command: string;
  readonly body?: unknown;
  readonly want: string;
}

const text = 'maintenance until 9';
const textHex = Buffer.from(text).toString('hex');

const commands: readonly CommandRow[] = [
  {
    name: 'A disabled peer is told Administrative Shutdown',
    clause: 'RFC 4486 §4',
    command: 'disable',
    want: 'NOTIFICATION 6/2',
  },
  {
    name: 'A disabled peer is told why',
    clause: 'RFC 9003 §2',
    command: 'disable',
    body: { reason: text },
    want: `NOTIFICATION 6/2 ${text.length.toString(16)}${textHex}`,
  },
  {
    name: 'A peer that is reset is told Administrative Reset',
    clause: 'RFC 4486 §4',
    command: 'reset',
    want: 'NOTIFICATION 6/4',
  },
  {
    name: 'A peer that is reset is told why',
    clause: 'RFC 9003 §2',
    command: 'reset',
    body: { reason: text },
    want: `NOTIFICATION 6/4 ${text.length.toString(16)}${textHex}`,
  },
];

function commandCase({ command, body, ...row }: CommandRow): Omit<Case, 'group'> {
  return {
    ...row,
    peers: { source: {} },
    isOurs: true,
    async play(stage) {
      const source = await stage.session();
      await stage.order(command, body);
      return source.ending();
    },
  };
}

const others: readonly Omit<Case, 'group'>[] = [
  {
    name: 'A peer that is taken out of the configuration is told Peer De-configured',
    clause: 'RFC 4486 §4',
    peers: { source: {} },
    want: 'NOTIFICATION 6/3',
    isOurs: true,
    async play(stage) {
      const source = await stage.session();
      stage.reconfigure(() => '');
      return source.ending();
    },
  },
  {
    name: 'A peer whose OPEN must be another is told Other Configuration Change',
    clause: 'RFC 4486 §4',
    peers: { source: {} },
    want: 'NOTIFICATION 6/6',
    isOurs: true,
    async play(stage) {
      const source = await stage.session();
      stage.reconfigure((line) => line.replace(' }', ', hold_time: 30 }'));
      return source.ending();
    },
  },
  {
    name: 'A daemon that is stopped tells its peers Administrative Shutdown',
    clause: 'RFC 4486 §4',
    peers: { source: {} },
    endsDaemon: true,
    want: 'NOTIFICATION 6/2',
    async play(stage) {
      const source = await stage.session();
      stage.world.daemon.process.signal('SIGTERM');
      return source.ending();
    },
  },
  {
    name: 'A disabled peer that calls is refused',
    clause: 'RFC 4486 §4',
    peers: { source: {} },
    want: 'NOTIFICATION 6/5',
    isOurs: true,
    async play(stage) {
      await stage.order('disable');
      return answerToCall(stage);
    },
  },
  {
    name: 'A peer that is enabled again is welcome',
    clause: 'docs/rfcs.md',
    peers: { source: {} },
    want: 'welcome',
    isOurs: true,
    async play(stage) {
      await stage.order('disable');
      await stage.order('enable');
      return answerToCall(stage);
    },
  },
  {
    name: 'An operator who asks for a refresh has a ROUTE-REFRESH of each family sent',
    clause: 'RFC 2918 §4',
    peers: { source: {} },
    want: '00010001, 00020001',
    isOurs: true,
    async play(stage) {
      const source = await stage.session();
      // The session is Established on the daemon's side too.
      await stage.passed(source);
      await stage.order('refresh');
      const requests = (): string[] => {
        const bodies = source.raw.of(MessageType.routeRefresh).map(({ body }) => body);
        return bodies.filter((body) => body[2] === 0).map((body) => body.toString('hex'));
      };
      await stage.until(() => requests().length === 2);
      return requests().toSorted().join(', ');
    },
  },
  {
    name: 'A call from an address that is no peer is closed without a word',
    clause: 'RFC 4271 §8.2.1, docs/rfcs.md',
    peers: {},
    want: 'closed',
    async play(stage) {
      const { address: to, port } = stage.world;
      const raw = RawSpeaker.connect({ from: '127.250.0.1', to, port });
      const encoding = { asBytes: 4, hasPathIds: false, family: 'ipv4', as: 65_001 } as const;
      const speaker = new Speaker(raw, encoding, stage.world.patienceSec);
      speaker.send(openMessage({}));
      const ending = await speaker.ending();
      speaker.close();
      return raw.received.length === 0
        ? ending
        : `${ending}, after ${raw.received.length} messages`;
    },
  },
  {
    name: 'A foreign next hop is refused where the peer must name itself',
    clause: 'docs/configuration.md accept_next_hop, RFC 4271 §6.3',
    peers: { source: { nextHop: 'peer' } },
    want: 'rejected: next_hop_foreign',
    isOurs: true,
    async play(stage) {
      const source = await stage.session();
      source.send(announceIpv4(stage.own.ipv4()));
      return stage.rejection();
    },
  },
];

export const callCases = group('calls and commands', [
  ...rows.map(callCase),
  ...commands.map(commandCase),
  ...others,
]);
