import type { CommandOutcome, ShutdownCommand } from '#api/commands.ts';
import { wallTime } from '#clock.ts';
import type { FamilyView } from '#rib/view.ts';
import { formatPrefix } from '#text/prefix.ts';
import type { Prefix } from '#wire/nlri.ts';
import type { Daemon } from '../daemon.ts';
import { inTurns } from '../in-slices.ts';

/** How many addresses a text lists. */
const mostTold = 20;

/**
 * Ends the daemon on an operator's command. If gracefully, clients that are configured for it are sent every route once
 * more with GRACEFUL_SHUTDOWN (RFC 8326 §4.1), so that they prefer the routes of other route servers, and the sessions
 * end after they have had time for that.
 */
export class GracefulShutdown {
  private readonly daemon: Daemon;
  /** Ends the daemon and its process. */
  private readonly end: () => void;
  /** Monotonic. */
  private untilMs: number | undefined;

  constructor(daemon: Daemon, end: () => void) {
    this.daemon = daemon;
    this.end = end;
  }

  /**
   * Answers once everything has been sent, or refuses; the end comes later. A command that is not graceful does not
   * wait for the end of a graceful one.
   */
  async begin({ isGraceful, isForced, waitMs }: ShutdownCommand): Promise<CommandOutcome> {
    const { daemon } = this;
    if (!isGraceful && !daemon.isStopping) return this.endSoon('the daemon stops', 0);
    const begun = this.whatHasBegun();
    if (begun !== undefined) return begun;
    const why = isForced ? [] : await this.reasonsAgainst();
    const meanwhile = this.whatHasBegun();
    if (meanwhile !== undefined) return meanwhile;
    if (why.length > 0) return refused(why);
    const notified = daemon.lifecycle.leave().flatMap(({ isUp, name }) => (isUp ? [name] : []));
    const whom = notified.length === 0 ? 'no client' : notified.join(', ');
    const hint = notified.length === 0 ? ' (none is up and has send_graceful_shutdown: true)' : '';
    const text = `routes are sent once more with GRACEFUL_SHUTDOWN to ${whom}${hint}`;
    return this.endSoon(text, waitMs);
  }

  /** Returns the answer where a stop has begun already. */
  private whatHasBegun(): CommandOutcome | undefined {
    if (this.daemon.isStopping) return done('the daemon is already stopping');
    if (this.untilMs === undefined) return undefined;
    const end = wallTime(this.daemon.clock, this.untilMs);
    return done(`a shutdown is already in progress; sessions end at ${end}`);
  }

  private endSoon(what: string, waitMs: number): CommandOutcome {
    const { clock, events, readiness } = this.daemon;
    this.untilMs = clock.monotonic() + waitMs;
    const end = `sessions end at ${wallTime(clock, this.untilMs)}`;
    const text = `${what}; ${end}`;
    events.emit({ event: 'stopping', text });
    readiness.leave(`fingerpost is stopping; ${end}`);
    // The caller is answered first.
    clock.after(Math.max(waitMs, 100), this.end);
    return done(text);
  }

  /** Returns why routers would be left without a route. */
  private async reasonsAgainst(): Promise<string[]> {
    const { siblings, config, clock } = this.daemon;
    if (config.soleRouteServer) return ['this is the sole route server (sole_route_server: true)'];
    const names = [...siblings.names()];
    if (names.length === 0) {
      return [
        'no other route server is observed, so it is not known whether routers have another route',
      ];
    }
    const unheard = names.flatMap((name) => {
      const why = siblings.unknown(name);
      return why === undefined ? [] : [`${name} ${why}`];
    });
    if (unheard.length > 0) return unheard;
    return inTurns(clock, this.lacking(names));
  }

  /**
   * Yields through the addresses of services (every prefix if there are none) and returns those to which no sibling has
   * a route.
   */
  private *lacking(siblings: readonly string[]): Generator<void, string[]> {
    const lacking: string[] = [];
    let count = 0;
    for (const prefix of this.prefixes()) {
      yield;
      if (prefix === undefined) continue;
      if (siblings.some((name) => this.daemon.siblings.route(name, prefix) !== undefined)) continue;
      if (++count <= mostTold)
        lacking.push(`${formatPrefix(prefix)}: no sibling has a route to it`);
    }
    return count > mostTold ? [...lacking, `and ${count - mostTold} more addresses`] : lacking;
  }

  /** Yields `undefined` for a prefix that does not matter. */
  private *prefixes(): Generator<Prefix | undefined> {
    const { view, config } = this.daemon;
    const isWanted = (family: FamilyView, id: Parameters<FamilyView['prefix']>[0]): boolean =>
      config.services.length === 0 || family.service(id) > 0;
    for (const family of view.families) {
      for (const id of family.decidedPrefixes()) {
        yield isWanted(family, id) ? family.prefix(id) : undefined;
      }
    }
  }
}

function refused(why: readonly string[]): CommandOutcome {
  const message = `graceful shutdown refused: ${why.join('; ')} (--force overrides this)`;
  return { ok: false, message };
}

function done(message: string): CommandOutcome {
  return { ok: true, message };
}
