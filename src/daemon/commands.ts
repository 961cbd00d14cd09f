import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { ListenError } from '../net/listener.ts';
import { Md5KeyError } from '../net/md5-keys.ts';
import type { CommandOutcome, Commands } from '../watch.ts';
import type { Daemon } from './daemon.ts';
import type { ReloadResult } from './reload.ts';
import { applyConfig } from './reload.ts';
import type { RunningPeer } from './running-peer.ts';

/** What operators may tell the daemon to do, over the control socket or HTTP with a token. */
export class DaemonCommands implements Commands {
  private readonly daemon: Daemon;
  /** After a reload: what lies outside the daemon takes over its part (log, HTTP). */
  private readonly onReloaded: (config: Config) => Promise<void>;
  private reloading: Promise<CommandOutcome> | undefined;

  constructor(daemon: Daemon, onReloaded: (config: Config) => Promise<void>) {
    this.daemon = daemon;
    this.onReloaded = onReloaded;
  }

  enable(name: string): CommandOutcome | undefined {
    return this.withPeer(name, (peer) => {
      if (!peer.config.enabled) {
        return refused(`${peer.name} is disabled in the configuration (enabled: false)`);
      }
      // A limit with action shutdown holds a peer in Idle until this word.
      const isHeld = peer.session.state === 'Idle';
      if (peer.disabled === undefined && !isHeld) return done(`${peer.name} is enabled already`);
      peer.enable();
      return done(`${peer.name} enabled`);
    });
  }

  disable(name: string, reason?: string): CommandOutcome | undefined {
    return this.withPeer(name, (peer) => {
      if (peer.disabled !== undefined) return done(`${peer.name} is disabled already`);
      peer.disable(reason);
      return done(`${peer.name} disabled`);
    });
  }

  reset(name: string, reason?: string): CommandOutcome | undefined {
    return this.withPeer(name, (peer) => {
      if (!peer.isEnabled) return refused(`${peer.name} is disabled`);
      peer.reset(reason);
      return done(`${peer.name} reset`);
    });
  }

  refresh(name: string, direction: 'in' | 'out' | 'both' = 'both'): CommandOutcome | undefined {
    return this.withPeer(name, (peer) => {
      if (peer.session.state !== 'Established') return refused(`${peer.name} is not established`);
      if (direction !== 'in') peer.refreshOut();
      if (direction === 'out') return done(`${peer.name}: everything is sent again`);
      const asked = peer.refreshIn();
      const how = asked
        ? 'asked to send again'
        : 'knows no route refresh; judged again as received';
      return done(`${peer.name} ${how}`);
    });
  }

  checkConfig(text?: string): CommandOutcome {
    const { file } = this.daemon.config;
    const outcome = loadConfig(file, text === undefined ? {} : { text });
    if (outcome.ok) return done('the configuration is in order');
    return {
      ok: false,
      message: problemCount(outcome.problems.length),
      problems: outcome.problems,
    };
  }

  /** All or nothing; one at a time. */
  async reload(): Promise<CommandOutcome> {
    this.reloading = (this.reloading ?? Promise.resolve()).then(() => this.reloadNow());
    return this.reloading;
  }

  private async reloadNow(): Promise<CommandOutcome> {
    const { daemon } = this;
    const { file } = daemon.config;
    const outcome = loadConfig(file);
    if (!outcome.ok) {
      const { problems } = outcome;
      return this.refuse(problemCount(problems.length), { problems });
    }
    try {
      const result = await applyConfig(daemon, outcome.config);
      await this.onReloaded(outcome.config);
      daemon.lastReloadOk = true;
      const text = reloadText(result);
      daemon.events.emit({ event: 'config_loaded', file, hash: outcome.config.hash, text });
      return done(text);
    } catch (error) {
      if (!(error instanceof ListenError || error instanceof Md5KeyError)) throw error;
      return this.refuse(error.message);
    }
  }

  private refuse(
    message: string,
    detail: Pick<Extract<CommandOutcome, { ok: false }>, 'problems'> = {},
  ): CommandOutcome {
    const { daemon } = this;
    daemon.lastReloadOk = false;
    const first = detail.problems?.[0];
    const where =
      first === undefined ? '' : `; first: ${first.file}:${first.line} ${first.message}`;
    const text = `${message}${where}; the running configuration stays`;
    daemon.events.emit({ event: 'config_refused', file: daemon.config.file, text });
    return { ok: false, message, ...detail };
  }

  private withPeer(
    name: string,
    action: (peer: RunningPeer) => CommandOutcome,
  ): CommandOutcome | undefined {
    const peer = this.daemon.peers.find(name);
    return peer === undefined ? undefined : action(peer);
  }
}

function done(message: string): CommandOutcome {
  return { ok: true, message };
}

function refused(message: string): CommandOutcome {
  return { ok: false, message };
}

function problemCount(count: number): string {
  return count === 1 ? 'the configuration has an error' : `the configuration has ${count} errors`;
}

/** `1 peer added, 2 reset; W1: policy (import)`. */
function reloadText({ peers, needRestart }: ReloadResult): string {
  const rows = peers.map(({ peer, effect, why }) =>
    why.length === 0 ? `${peer}: ${effect}` : `${peer}: ${effect} (${why.join(', ')})`,
  );
  const restart = needRestart.length === 0 ? [] : [`needs a restart: ${needRestart.join(', ')}`];
  const parts = [...rows, ...restart];
  return parts.length === 0 ? 'reloaded, nothing changed' : `reloaded; ${parts.join('; ')}`;
}
