import { keepalive, MessageType } from '#support/raw-message.ts';
import type { Case, PeerProfile } from './case.ts';
import { openMessage, type OpenParts } from './open-bytes.ts';
import type { Stage } from './stage.ts';

/** What rows have in common. */
interface SessionRow {
  readonly name: string;
  readonly clause: string;
  readonly want: string;
  readonly open?: OpenParts;
  readonly peer?: PeerProfile;
  readonly isOurs?: boolean;
}

/** A message that the peer sends in a state of the daemon's FSM, and how the daemon answers it. */
export interface MessageRow extends SessionRow {
  readonly state: 'OpenSent' | 'OpenConfirm' | 'Established';
  readonly send: Uint8Array | readonly Uint8Array[];
  /**
   * `NOTIFICATION 1/2 0012` (with any data: `NOTIFICATION 1/2 …`), `closed`, or `up` if the session continues (or is
   * established).
   */
  readonly want: string;
}

export function messageCase(row: MessageRow): Omit<Case, 'group'> {
  return caseOf(row, (stage) => playMessage(stage, row));
}

async function playMessage(stage: Stage, row: MessageRow): Promise<string> {
  const source = await stage.call('source', row.open);
  if (row.state !== 'OpenSent') {
    const answer = await source.open(stage.parts('source', row.open));
    if (answer !== 'accepted') return answer;
  }
  if (row.state === 'Established') source.send(keepalive());
  source.send(...(row.send instanceof Uint8Array ? [row.send] : row.send));
  if (row.want !== 'up') return source.ending();
  if (!(await source.has(MessageType.keepalive))) return source.ending();
  if (row.state !== 'Established') source.send(keepalive());
  return stage.passed(source);
}

/** An OPEN, and the answer to it. */
export interface OpenRow extends SessionRow {
  /** In the place of `open`. */
  readonly bytes?: Uint8Array;
  /** `up`, or `NOTIFICATION 2/1 0004`; with any data `NOTIFICATION 2/1 …`. */
  readonly want: string;
}

/** `up` is proved by a route that reaches a client. */
export function openCase(row: OpenRow): Omit<Case, 'group'> {
  return caseOf(row, (stage) => playOpen(stage, row));
}

async function playOpen(stage: Stage, row: OpenRow): Promise<string> {
  const source = await stage.call('source', row.open);
  const bytes = row.bytes ?? openMessage(stage.parts('source', row.open));
  const answer = await source.openWith(bytes);
  if (answer !== 'accepted') return answer;
  source.send(keepalive());
  return stage.passed(source);
}

function caseOf(row: SessionRow, play: (stage: Stage) => Promise<string>): Omit<Case, 'group'> {
  const { name, clause, want, isOurs } = row;
  return {
    name,
    clause,
    want,
    peers: { source: row.peer ?? {} },
    ...(isOurs === true && { isOurs }),
    play: async (stage) => withAnyData(await play(stage), want),
  };
}

/** Where the RFC requires no data, any data is shown as `…`. */
function withAnyData(seen: string, want: string): string {
  const code = seen.split(' ', 2).join(' ');
  return want === `${code} …` ? want : seen;
}
