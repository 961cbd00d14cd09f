import { type Family, type Speaker, speakers } from '../addresses.ts';
import { Epoll } from './libc.ts';
import { Expectation, RouterTable } from './router-table.ts';
import { LoadSession, type SessionContext } from './session.ts';
import { UpdateReader } from './update-reader.ts';

/** Who sends to the daemon, and how many prefixes. */
export interface LoadShape {
  readonly family: Family;
  readonly nodes: number;
  readonly routers: number;
  /** In addition to one marker prefix of each node, numbered from here on. */
  readonly prefixes: number;
  readonly holdTimeSec: number;
  /** Nodes are sent each other's routes, and do not look at them. */
  readonly isExchange?: boolean;
}

const choresMs = 100;
/** The connect retry time of the lab's routers. */
const redialMs = 3000;
const dialsPerTurn = 8;

/** All speakers of a run in one epoll loop, which runs while something is waited for. */
export class Load {
  readonly shape: LoadShape;
  readonly expectation: Expectation;
  readonly reader: UpdateReader;
  readonly nodes: readonly LoadSession[];
  readonly routers: readonly LoadSession[];
  private readonly epoll = new Epoll();
  private readonly sessions: readonly LoadSession[];
  private choresDueMs = 0;

  constructor(shape: LoadShape) {
    this.shape = shape;
    this.expectation = new Expectation(shape.prefixes + shape.nodes);
    this.reader = new UpdateReader(shape.family, this.expectation);
    const { family, holdTimeSec } = shape;
    const { isExchange = false } = shape;
    const context = { family, holdTimeSec, isExchange, epoll: this.epoll, reader: this.reader };
    this.nodes = speakers(family, 'node', shape.nodes).map((speaker, tag) =>
      this.session(context, tag, speaker),
    );
    this.routers = speakers(family, 'router', shape.routers).map((speaker, at) =>
      this.session(context, shape.nodes + at, speaker),
    );
    this.sessions = [...this.nodes, ...this.routers];
  }

  /** Connects all of them at once, and serves those that answer meanwhile. */
  connect(sessions: readonly LoadSession[]): void {
    for (const [at, session] of sessions.entries()) {
      session.connect();
      if (at % dialsPerTurn === dialsPerTurn - 1) this.turn(1);
    }
  }

  /** Runs the loop until `isDone`; a daemon that takes longer than `limitSec` has not finished. */
  until(what: string, isDone: () => boolean, limitSec: number, isSpinning = false): void {
    const deadline = performance.now() + limitSec * 1000;
    while (!isDone()) {
      this.turn(isSpinning ? 0 : 1);
      if (performance.now() > deadline) {
        throw new DidNotFinish(`${what}: not within ${limitSec} s; ${this.missing()}`);
      }
    }
  }

  /** Runs the loop for this long, whatever arrives. */
  during(ms: number): void {
    const end = performance.now() + ms;
    while (performance.now() < end) this.turn(1);
  }

  areRoutersRight(): boolean {
    for (const { state, isWanted, table } of this.routers) {
      if (isWanted && (state !== 'established' || (table?.wrong ?? 0) > 0)) return false;
    }
    return true;
  }

  recount(): void {
    for (const { table } of this.routers) table?.recount();
  }

  /** Those that the daemon has ended, each with the NOTIFICATION that it sent, if any. */
  lostSessions(): string[] {
    const lost = this.sessions.filter((session) => session.lost > 0);
    return lost.map(({ speaker, lastNotification }) => `${speaker.name} ${lastNotification}`);
  }

  forgiveLosses(): void {
    for (const session of this.sessions) session.lost = 0;
  }

  private session(context: SessionContext, tag: number, speaker: Speaker): LoadSession {
    const isRouter = speaker.role === 'router';
    const table = isRouter ? new RouterTable(this.expectation.keys) : undefined;
    return new LoadSession(context, tag, speaker, table);
  }

  private turn(timeoutMs: number): void {
    const count = this.epoll.wait(timeoutMs);
    for (let at = 0; at < count; at++) {
      this.sessions[this.epoll.tag(at)].handle(this.epoll.ready(at));
    }
    if (performance.now() >= this.choresDueMs) this.doChores();
  }

  /** Sends the KEEPALIVEs that are due, and connects again if the daemon has closed the connection. */
  private doChores(): void {
    const now = performance.now();
    this.choresDueMs = now + choresMs;
    for (const session of this.sessions) {
      if (!session.isWanted) continue;
      if (session.state !== 'established') {
        const isOverdue = now - session.dialledMs > redialMs;
        if (session.state === 'closed' || isOverdue) session.redial();
        continue;
      }
      if (now < session.keepaliveDueMs) continue;
      session.keepaliveDueMs = now + (this.shape.holdTimeSec * 1000) / 3;
      session.sendKeepalive();
    }
  }

  private missing(): string {
    const wanted = this.sessions.filter(({ isWanted }) => isWanted);
    const down = wanted.filter(({ state }) => state !== 'established');
    const wrong = this.routers.map(({ table }) => table?.wrong ?? 0);
    const notification = wanted.find((session) => session.lastNotification !== '');
    return [
      `${down.length} of ${wanted.length} sessions down`,
      `wrong prefixes at routers: ${wrong.slice(0, 6).join(' ')}`,
      ...(notification ? [`NOTIFICATION ${notification.lastNotification}`] : []),
    ].join(', ');
  }
}

/** The daemon is too slow, or does not do what it should. */
export class DidNotFinish extends Error {}
