import type { By } from '#api/by.ts';
import type {
  CommandOutcome,
  Commands,
  DrainCommand,
  DrainOutcome,
  PlanOutcome,
  PlanTarget,
  ReloadOptions,
  SentConfig,
  ShutdownCommand,
  SimulateOutcome,
  Supposition,
  UndrainCommand,
  UndrainOutcome,
} from '#api/commands.ts';
import type { Cause } from '#api/events/causes.ts';
import { printable } from '#text/printable.ts';
import type { Daemon } from '../daemon.ts';
import { DrainCommands } from '../drains/drain-commands.ts';
import { nextTurn } from '../in-slices.ts';
import type { RunningPeer } from '../peers/running-peer.ts';
import { ConfigLoads, type Load } from './config-loads.ts';
import { ConfigPlans } from './config-plans.ts';
import { GracefulShutdown } from './graceful-shutdown.ts';
import { Reloads, type Surroundings } from './reloads.ts';
import { WhatIf } from './what-if.ts';

const longestDecidingMs = 1000;

/** The commands that operators may give, over the control socket or over HTTP with a token. */
export class DaemonCommands implements Commands {
  private readonly daemon: Daemon;
  readonly reloads: Reloads;
  private readonly loads: ConfigLoads;
  private readonly plans: ConfigPlans;
  private readonly drains: DrainCommands;
  private readonly gracefulShutdown: GracefulShutdown;

  constructor(daemon: Daemon, surroundings: Surroundings, load: Load) {
    this.daemon = daemon;
    this.drains = new DrainCommands(daemon);
    this.loads = new ConfigLoads(daemon, load);
    this.reloads = new Reloads(daemon, surroundings, this.loads);
    this.plans = new ConfigPlans(daemon, this.loads, this.reloads);
    this.gracefulShutdown = new GracefulShutdown(daemon, () => surroundings.end());
  }

  get isStopping(): boolean {
    return this.daemon.isStopping;
  }

  enable(name: string): CommandOutcome | undefined {
    return this.withPeer(name, (peer) => {
      if (!peer.config.enabled) {
        return refused(`${peer.name} is disabled in the configuration (enabled: false)`);
      }
      // A limit with action shutdown holds a peer in Idle until this command.
      const isHeld = peer.session.state === 'Idle';
      if (peer.disabled === undefined && !isHeld) return done(`${peer.name} is already enabled`);
      peer.enable();
      return done(`${peer.name} enabled`);
    });
  }

  disable(name: string, reason?: string, by?: By): CommandOutcome | undefined {
    return this.withPeer(name, (peer) => {
      if (peer.disabled !== undefined) return done(`${peer.name} is already disabled`);
      this.daemon.journal.causes.because(commanded('disabled', peer, by), () =>
        peer.disable(safe(reason)),
      );
      return done(`${peer.name} disabled`);
    });
  }

  reset(name: string, reason?: string, by?: By): CommandOutcome | undefined {
    return this.withPeer(name, (peer) => {
      if (!peer.isEnabled) return refused(`${peer.name} is disabled`);
      this.daemon.journal.causes.because(commanded('reset', peer, by), () =>
        peer.reset(safe(reason)),
      );
      return done(`${peer.name} reset`);
    });
  }

  refresh(name: string, direction: 'in' | 'out' | 'both' = 'both'): CommandOutcome | undefined {
    return this.withPeer(name, (peer) => {
      if (peer.session.state !== 'Established') return refused(`${peer.name} is not established`);
      if (direction !== 'in') peer.refreshOut();
      if (direction === 'out') return done(`${peer.name}: all routes are being sent again`);
      const asked = peer.refreshIn();
      const how = asked
        ? 'has been asked to send its routes again'
        : 'does not support route refresh; import policy was applied again to the stored routes';
      return done(`${peer.name} ${how}`);
    });
  }

  async checkConfig(sent?: SentConfig): Promise<CommandOutcome> {
    const loaded = await this.loads.load(sent);
    return loaded.ok ? done('the configuration is valid') : loaded;
  }

  reload(how?: ReloadOptions): Promise<CommandOutcome> {
    return this.reloads.reload(how);
  }

  confirm(by?: By, isVolatile?: boolean): CommandOutcome {
    return this.reloads.confirm(by, isVolatile);
  }

  shutdown(command: ShutdownCommand): Promise<CommandOutcome> {
    return this.gracefulShutdown.begin(command);
  }

  note(text: string, by: By): CommandOutcome {
    this.daemon.events.emit({ event: 'note', text, by });
    return done('noted');
  }

  plan(target?: PlanTarget): Promise<PlanOutcome> {
    return this.plans.plan(target);
  }

  async simulate(supposed: Supposition, limit: number): Promise<SimulateOutcome> {
    const whatIf = new WhatIf(this.daemon);
    switch (supposed.kind) {
      case 'gone':
        return { ok: true, work: whatIf.gone(supposed.domain, supposed.name, limit) };
      case 'each':
        return { ok: true, work: whatIf.each(supposed.domain, limit) };
      case 'config': {
        const loaded = await this.loads.load(supposed);
        return loaded.ok ? { ok: true, work: whatIf.config(loaded.config, limit) } : loaded;
      }
      default:
        return supposed satisfies never;
    }
  }

  drain(command: DrainCommand, by: By): Promise<DrainOutcome> {
    return this.drains.drain(command, by);
  }

  undrain(command: UndrainCommand, by: By): Promise<UndrainOutcome | undefined> {
    return this.drains.undrain(command, by);
  }

  async decided(): Promise<void> {
    const { rib, clock } = this.daemon;
    const untilMs = clock.monotonic() + longestDecidingMs;
    while (!this.isStopping && !rib.isSettled && clock.monotonic() < untilMs) {
      await nextTurn(clock);
    }
  }

  private withPeer(
    name: string,
    action: (peer: RunningPeer) => CommandOutcome,
  ): CommandOutcome | undefined {
    const peer = this.daemon.peers.find(name);
    return peer === undefined ? undefined : action(peer);
  }
}

function commanded(what: string, { name }: RunningPeer, by: By | undefined): Cause {
  return {
    kind: 'command',
    peer: name,
    text: `${what} by an operator`,
    ...(by !== undefined && { by }),
  };
}

/** The peer is sent the text as it is shown here. */
function safe(reason: string | undefined): string | undefined {
  return reason === undefined ? undefined : printable(reason);
}

function done(message: string): CommandOutcome {
  return { ok: true, message };
}

function refused(message: string): CommandOutcome {
  return { ok: false, message };
}
