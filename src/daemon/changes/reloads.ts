import { type By, byText } from '#api/by.ts';
import type { CommandOutcome, ReloadOptions } from '#api/commands.ts';
import type { Cause } from '#api/events/causes.ts';
import type { ConfigProblem } from '#api/problem.ts';
import { type Cancel, wallTime } from '#clock.ts';
import type { Config } from '#config/config.ts';
import type { ConfigSources } from '#config/sources.ts';
import type { Daemon } from '../daemon.ts';
import { applyConfig } from './apply-config.ts';
import type { ConfigLoads } from './config-loads.ts';
import type { Running } from './kept-configs.ts';
import { isOperators } from './operator-error.ts';
import { darknessOf, harmOf } from './reload-guard.ts';
import {
  ifMeant,
  nothingWaits,
  notKeptText,
  otherStateDir,
  resultText,
  waits,
  withoutStore,
} from './reload-texts.ts';

/** Parts outside the daemon that follow its configuration: the log, HTTP. */
export interface Surroundings {
  /** Rejects with an error that the operator can fix; then nothing has changed. */
  prepare(config: Config): Promise<Change>;
  /** Ends the daemon and its process, as SIGTERM does. */
  end(): void;
}

/** A prepared change; one of the two functions must be called. */
export interface Change {
  commit(): void;
  rollback(): Promise<void>;
}

interface Unconfirmed {
  /** The last confirmed configuration, before the first reload that waits to be confirmed. */
  readonly former: Running;
  /** Who loaded the configuration that waits. */
  readonly by: By | undefined;
  /** Monotonic. */
  readonly untilMs: number;
  readonly cancel: Cancel;
}

/** Why the confirmed configuration comes back, and whose command caused that. */
interface ComingBack {
  readonly how: 'rollback' | 'not_confirmed';
  readonly text: string;
  /** Its text names nobody, because readers without a token see it. */
  readonly cause: Cause;
}

/** Applies configurations: all or nothing, one at a time, and back again if nobody confirms. */
export class Reloads {
  private readonly daemon: Daemon;
  private readonly surroundings: Surroundings;
  private readonly loads: ConfigLoads;
  private running: Promise<CommandOutcome> | undefined;
  /** Waits for the reload in progress; later requests share it. */
  private waiting: Promise<CommandOutcome> | undefined;
  private unconfirmed: Unconfirmed | undefined;
  private sources: ConfigSources | undefined;

  constructor(daemon: Daemon, surroundings: Surroundings, loads: ConfigLoads) {
    this.daemon = daemon;
    this.surroundings = surroundings;
    this.loads = loads;
    this.sources = daemon.kept.startedWith;
  }

  /** When the running configuration goes back by itself. */
  get confirmBy(): string | undefined {
    const { unconfirmed } = this;
    return unconfirmed && wallTime(this.daemon.clock, unconfirmed.untilMs);
  }

  /**
   * Reads the file again. With `confirmS`, the last confirmed configuration comes back after that many seconds unless
   * `confirm` is called; meanwhile a reload without it is refused. A reload is also refused if it would break what was
   * probably not meant to be broken, unless forced, and if what a start after a crash needs cannot be saved, unless
   * volatile.
   */
  reload(how: ReloadOptions = {}): Promise<CommandOutcome> {
    if (how.isRollback === true) return this.next(() => this.rollback(how.by));
    if (how.confirmS !== undefined || how.isForced === true) {
      return this.next(() => this.readAndTakeOver(how));
    }
    this.waiting ??= this.next(() => {
      this.waiting = undefined;
      return this.readAndTakeOver(how);
    });
    return this.waiting;
  }

  confirm(by?: By, isVolatile = false): CommandOutcome {
    if (this.unconfirmed === undefined)
      return { ok: false, message: nothingWaits(this.daemon.kept) };
    try {
      this.daemon.kept.confirm(isVolatile);
    } catch (error) {
      return { ok: false, message: notKeptText('nothing was confirmed', error) };
    }
    this.settle();
    const { hash } = this.daemon.config;
    this.daemon.events.emit({ event: 'config_confirmed', hash, ...whose(by) });
    return { ok: true, message: 'confirmed; the running configuration is kept' };
  }

  /** Runs after everything that runs or waits; a bug in one action does not keep the next from running. */
  private next(action: () => Promise<CommandOutcome>): Promise<CommandOutcome> {
    const before = this.running ?? Promise.resolve();
    const unlessStopping = async (): Promise<CommandOutcome> =>
      this.daemon.isStopping ? stopping : action();
    this.running = before.then(unlessStopping, unlessStopping);
    return this.running;
  }

  private async readAndTakeOver(how: ReloadOptions): Promise<CommandOutcome> {
    const { confirmS, isForced, by } = how;
    const { confirmBy } = this;
    if (confirmBy !== undefined && confirmS === undefined) return this.refuseWaiting(confirmBy, by);
    const loaded = await this.loads.load();
    if (!loaded.ok) return this.refuse(loaded.message, by, loaded.problems);
    const harm = isForced === true ? undefined : await harmOf(this.daemon, loaded.config);
    if (this.daemon.isStopping) return stopping;
    if (harm !== undefined) return this.refuse(`reload refused: ${harm}; ${ifMeant}`, by);
    const dark = isForced === true ? await this.darkness(loaded.config) : '';
    if (this.daemon.isStopping) return stopping;
    return this.enter(loaded, how, dark);
  }

  /** Records the loaded configuration, then applies it. */
  private async enter(
    next: Running,
    { confirmS, isVolatile = false, by }: ReloadOptions,
    dark: string,
  ): Promise<CommandOutcome> {
    const { clock, kept, config } = this.daemon;
    const former = this.unconfirmed?.former ?? this.present;
    if (confirmS !== undefined && next.config.stateDir !== config.stateDir) {
      return this.refuse(otherStateDir, by);
    }
    const confirmMs = (confirmS ?? 0) * 1000;
    const confirmByMs = confirmS === undefined ? {} : { confirmByMs: clock.wall() + confirmMs };
    let takeBack: () => void;
    try {
      takeBack = kept.reload(next, { by, isVolatile, ...confirmByMs });
    } catch (error) {
      return this.refuse(notKeptText('nothing was changed', error), by);
    }
    const takenOver = await this.takeOver(next, by);
    if (!takenOver.ok) {
      // What was to be confirmed stays so, and the next start goes back to what was.
      if (!this.daemon.isStopping) takeBack();
      return takenOver;
    }
    const outcome = { ...takenOver, message: takenOver.message + dark };
    this.settle();
    if (confirmS === undefined) return outcome;
    this.unconfirmed = {
      former,
      by,
      untilMs: clock.monotonic() + confirmMs,
      cancel: clock.after(confirmMs, () => void this.next(() => this.notConfirmed())),
    };
    const only = kept.hasStore ? '' : withoutStore;
    return {
      ok: true,
      message: `${outcome.message}; will be reverted at ${this.confirmBy} unless confirmed${only}`,
    };
  }

  /** What runs. */
  private get present(): Running {
    const { sources } = this;
    return { config: this.daemon.config, ...(sources !== undefined && { sources }) };
  }

  private async rollback(by: By | undefined): Promise<CommandOutcome> {
    if (this.unconfirmed !== undefined) {
      const text = 'rolled back: the confirmed configuration has been restored';
      const cause: Cause = { kind: 'command', text: 'rolled back', ...whose(by) };
      return this.goBack({ how: 'rollback', text, cause });
    }
    return { ok: false, message: `nothing to roll back: ${nothingWaits(this.daemon.kept)}` };
  }

  /** The time is over. The cause is whoever loaded what was not confirmed. */
  private async notConfirmed(): Promise<CommandOutcome> {
    const { hash } = this.daemon.config;
    const by = this.unconfirmed?.by;
    const loader = by === undefined ? '' : `, loaded by ${byText(by)},`;
    const text = `${hash}${loader} was not confirmed in time: the previous configuration has been restored`;
    const cause: Cause = { kind: 'config', text: 'not confirmed in time', ...whose(by) };
    return this.goBack({ how: 'not_confirmed', text, cause });
  }

  /** Returns what a forced reload does to services, as the end of its message. */
  private async darkness(config: Config): Promise<string> {
    const dark = await darknessOf(this.daemon, config, 'goes');
    return dark === undefined ? '' : `; ${dark}`;
  }

  private async goBack(back: ComingBack): Promise<CommandOutcome> {
    const former = this.unconfirmed?.former;
    // It was confirmed while this waited for another reload.
    if (former === undefined) return { ok: true, message: 'confirmed in time' };
    this.settle();
    const { how, cause } = back;
    const outcome = await this.takeOver(former, cause.by, back);
    if (outcome.ok) this.daemon.kept.rolledBack(former, how, cause.by);
    return outcome;
  }

  private async takeOver(
    next: Running,
    by: By | undefined,
    back?: ComingBack,
  ): Promise<CommandOutcome> {
    const { daemon } = this;
    const { config } = next;
    const why = back === undefined ? '' : `${back.text}; `;
    try {
      const change = await this.surroundings.prepare(config);
      if (daemon.isStopping) return await abandoned(change);
      const result = await applyConfig(daemon, config, back?.cause ?? loadedBy(config, by)).catch(
        async (error: unknown) => {
          await change.rollback();
          throw error;
        },
      );
      if (daemon.isStopping) return await abandoned(change);
      change.commit();
      this.sources = next.sources;
      daemon.configuration.reloaded(true);
      const { file, hash } = config;
      const text = why + resultText(result);
      const fields = { file, hash, text, ...whose(by) };
      if (back === undefined) daemon.events.emit({ event: 'config_loaded', ...fields });
      else daemon.events.emit({ event: 'config_rolled_back', ...fields, cause: back.cause });
      return { ok: true, message: text };
    } catch (error) {
      if (!isOperators(error)) throw error;
      return this.refuse(why + error.message, by);
    }
  }

  /** From now on no reload is waiting. */
  private settle(): void {
    this.unconfirmed?.cancel();
    this.unconfirmed = undefined;
  }

  /** This says nothing about the file, because no reload took place. */
  private refuseWaiting(until: string, by: By | undefined): CommandOutcome {
    const message = waits(until);
    this.tellRefused(`${message}; the running configuration is kept`, by);
    return { ok: false, message };
  }

  private refuse(message: string, by: By | undefined, problems?: ConfigProblem[]): CommandOutcome {
    this.daemon.configuration.reloaded(false);
    const first = problems?.[0];
    const where =
      first === undefined ? '' : `; first: ${first.file}:${first.line} ${first.message}`;
    this.tellRefused(`${message}${where}; the running configuration is kept`, by);
    return { ok: false, message, ...(problems !== undefined && { problems }) };
  }

  private tellRefused(text: string, by: By | undefined): void {
    const { file } = this.daemon.config;
    this.daemon.events.emit({ event: 'config_refused', file, text, ...whose(by) });
  }
}

/** It is neither recorded nor reported as refused: nothing is wrong with the configuration. */
const stopping: CommandOutcome = { ok: false, message: 'the daemon is stopping' };

async function abandoned(change: Change): Promise<CommandOutcome> {
  await change.rollback();
  return stopping;
}

function loadedBy({ hash }: Config, by: By | undefined): Cause {
  return { kind: 'config', text: `configuration ${hash} applied`, ...whose(by) };
}

function whose(by: By | undefined): { by?: By } {
  return by === undefined ? {} : { by };
}
