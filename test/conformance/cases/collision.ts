import { keepalive, MessageType } from '#support/raw-message.ts';
import { type Case, group, type PeerProfile } from '../case.ts';
import { openMessage, type OpenParts } from '../open-bytes.ts';
import type { Speaker } from '../speaker.ts';
import type { Stage } from '../stage.ts';

const resolved = 'NOTIFICATION 6/7';
const higher = '200.0.0.1';
const lower = '10.0.0.1';
const equal = '100.0.0.9';

/** The daemon has dialled the peer, and the peer connects too; both connections carry OPENs in both directions. */
interface CollisionRow {
  readonly name: string;
  readonly clause: string;
  readonly routerId: string;
  readonly as?: number;
  /** The connection on which the peer's OPEN arrives first. */
  readonly first: 'dialled' | 'called';
  /** The connection that stays. */
  readonly stays: 'dialled' | 'called';
}

const rows: readonly CollisionRow[] = (['dialled', 'called'] as const).flatMap((first) => [
  {
    name: `The peer has the higher identifier: its call stays (its OPEN comes first on the one ${first})`,
    clause: 'RFC 4271 §6.8',
    routerId: higher,
    first,
    stays: 'called' as const,
  },
  {
    name: `The peer has the lower identifier: our call stays (its OPEN comes first on the one ${first})`,
    clause: 'RFC 4271 §6.8',
    routerId: lower,
    first,
    stays: 'dialled' as const,
  },
  {
    name: `Both have one identifier: the call of the higher AS stays, the peer's (its OPEN comes first on the one ${first})`,
    clause: 'RFC 6286 §2.3',
    routerId: equal,
    as: 65_050,
    first,
    stays: 'called' as const,
  },
  {
    name: `Both have one identifier: the call of the higher AS stays, ours (its OPEN comes first on the one ${first})`,
    clause: 'RFC 6286 §2.3',
    routerId: equal,
    as: 65_001,
    first,
    stays: 'dialled' as const,
  },
]);

const dialled: PeerProfile = { isDialled: true };

function collisionCase({ routerId, as, first, stays, ...row }: CollisionRow): Omit<Case, 'group'> {
  const peer = { ...dialled, ...(as !== undefined && { as }) };
  return {
    ...row,
    peers: { source: peer },
    want: `${stays} up, the other ${resolved}`,
    async play(stage) {
      const parts = stage.parts('source', { routerId });
      const theirs = await stage.dialled('source', parts);
      const ours = await stage.call('source', parts);
      const pair = { dialled: theirs, called: ours };
      const other = first === 'dialled' ? 'called' : 'dialled';
      pair[first].send(openMessage(parts));
      await pair[first].has(MessageType.keepalive);
      pair[other].send(openMessage(parts));
      const loser = stays === 'dialled' ? 'called' : 'dialled';
      const ending = await pair[loser].ending();
      const session = await goOn(stage, pair[stays]);
      return `${stays} ${session}, the other ${ending}`;
    },
  };
}

async function goOn(stage: Stage, speaker: Speaker): Promise<string> {
  if (!(await speaker.has(MessageType.keepalive))) return speaker.ending();
  speaker.send(keepalive());
  return stage.passed(speaker);
}

/** A second connection of a peer whose session is up. */
async function secondCall(stage: Stage, parts: OpenParts): Promise<string> {
  const first = await stage.session('source', parts);
  const up = await stage.passed(first);
  if (up !== 'up') return up;
  const second = await stage.call('source', parts);
  const answer = await second.open(stage.parts('source', parts));
  return `first ${await stage.passed(first)}, second ${answer}`;
}

const others: readonly Omit<Case, 'group'>[] = [
  ...(
    [
      ['higher', higher],
      ['lower', lower],
      ['same', equal],
    ] as const
  ).map(([what, routerId]) => ({
    name: `A second call of a peer whose session is up is closed, with the ${what} identifier`,
    clause: 'RFC 4271 §6.8, docs/rfcs.md',
    peers: { source: {} },
    want: `first up, second ${resolved}`,
    play: (stage: Stage) => secondCall(stage, { routerId }),
  })),
  {
    name: 'A second call has a KEEPALIVE sent on the first connection: it may be a dead one',
    clause: 'docs/rfcs.md, RFC 4271 §6.8',
    peers: { source: {} },
    want: 'one more KEEPALIVE',
    isOurs: true,
    async play(stage) {
      const first = await stage.session();
      await stage.passed(first);
      const before = first.count(MessageType.keepalive);
      const second = await stage.call();
      await second.open(stage.parts('source'));
      await first.has(MessageType.keepalive, before + 1);
      return `${first.count(MessageType.keepalive) - before === 1 ? 'one' : 'no'} more KEEPALIVE`;
    },
  },
  {
    name: 'A peer that has forgotten its session gets in once it has reset the old connection',
    clause: 'docs/rfcs.md, RFC 4271 §6.8',
    peers: { source: {} },
    want: 'second NOTIFICATION 6/7, third up',
    async play(stage) {
      const first = await stage.session();
      await stage.passed(first);
      const second = await stage.call();
      const answer = await second.open(stage.parts('source'));
      first.close();
      const third = await callUntilWelcome(stage);
      return `second ${answer}, third ${await goOn(stage, third)}`;
    },
  },
  {
    name: 'A second call before the OPEN of the first takes its place',
    clause: 'RFC 4271 §6.8, docs/rfcs.md',
    peers: { source: {} },
    want: 'first NOTIFICATION 6/7, second up',
    isOurs: true,
    async play(stage) {
      const first = await stage.call();
      const second = await stage.session();
      const session = await stage.passed(second);
      return `first ${await first.ending()}, second ${session}`;
    },
  },
  {
    name: 'A call is welcome while our own one waits for an OPEN that does not come',
    clause: 'RFC 4271 §6.8, §8.2.1',
    peers: { source: dialled },
    want: 'up',
    async play(stage) {
      await stage.dialled();
      return stage.passed(await stage.session());
    },
  },
  {
    name: 'The connection that the daemon dialled becomes the session of a peer that never calls',
    clause: 'RFC 4271 §8.2.1',
    peers: { source: dialled },
    want: 'up',
    async play(stage) {
      const source = await stage.dialled();
      source.send(openMessage(stage.parts('source')));
      return goOn(stage, source);
    },
  },
];

/** The daemon notices a reset only after a while. */
async function callUntilWelcome(stage: Stage): Promise<Speaker> {
  for (let tries = 0; ; tries++) {
    const speaker = await stage.call();
    const answer = await speaker.open(stage.parts('source'));
    if (answer === 'accepted' || tries === 500) return speaker;
    await stage.until(() => false, 0.05);
  }
}

export const collisionCases = group('collision', [...rows.map(collisionCase), ...others]);
