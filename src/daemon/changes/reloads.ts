import type { By } from '#api/by.ts';
import type {
  BadConfig,
  CommandOutcome,
  PlanOutcome,
  ReloadOptions,
  SentConfig,
} from '#api/commands.ts';
import type { ConfigProblem } from '#api/problem.ts';
import { type Cancel, timestamp } from '#clock.ts';
import type { Config } from '#config/config.ts';
import type { LoadOutcome } from '#config/load.ts';
import { isLackOfDescriptors, noDescriptor } from '#os/descriptors.ts';
import { messageOf } from '#text/message-of.ts';
import type { Daemon } from '../daemon.ts';
import { inTurns } from '../in-slices.ts';
import { applyConfig, planOf, type ReloadResult } from './apply-config.ts';
import { isOperators } from './operator-error.ts';
import { darknessOf, harmOf } from './reload-guard.ts';
import { WhatIf } from './what-if.ts';

/** What lies outside the daemon and follows its configuration: the log, HTTP. */
export interface Surroundings {
  /** Rejects with an error that is the operator's; then nothing has changed. */
  prepare(config: Config): Promise<Change>;
}

/** Reads, checks and resolves the file, or `text` in its place; elsewhere, so that BGP goes on. */
export type Load = (file: string, sent?: SentConfig) => Promise<LoadOutcome>;

/** Made ready; one of the two must be called. */
export interface Change {
  commit(): void;
  rollback(): Promise<void>;
}

interface Unconfirmed {
  /** What ran before the first reload that waits to be confirmed. */
  readonly former: Config;
  readonly untilWallMs: number;
  readonly cancel: Cancel;
}

/** What somebody who is refused may do. */
const ifMeant =
  'check with `fingerpost plan`; if this is intended, use `fingerpost reload --force`';

/** Takes over configurations: all or nothing, one at a time, and back again where nobody confirms. */
export class Reloads {
  private readonly daemon: Daemon;
  private readonly surroundings: Surroundings;
  private readonly loadFile: Load;
  /** The last one asked for: one at a time, each costs memory. */
  private loading: Promise<unknown> = Promise.resolve();
  private running: Promise<CommandOutcome> | undefined;
  /** Waits for the one that runs; whoever asks meanwhile shares it. */
  private waiting: Promise<CommandOutcome> | undefined;
  private unconfirmed: Unconfirmed | undefined;

  constructor(daemon: Daemon, surroundings: Surroundings, loadFile: Load) {
    this.daemon = daemon;
    this.surroundings = surroundings;
    this.loadFile = loadFile;
  }

  /** What was sent in the place of the running file, or the file. */
  async load(sent?: SentConfig): Promise<{ ok: true; config: Config } | BadConfig> {
    const { file } = this.daemon.config;
    const start = (): Promise<LoadOutcome> => this.loadFile(file, sent);
    const loading = this.loading.then(start, start);
    this.loading = loading;
    const loaded = await loading.catch((error: unknown) => this.notLoaded(file, error));
    if (loaded.ok) return loaded;
    const { problems } = loaded;
    return { ok: false, message: problemCount(problems.length), problems };
  }

  /** Nothing was read: what runs goes on, even where that was a fault of ours. */
  private notLoaded(file: string, error: unknown): LoadOutcome {
    const isLack = isLackOfDescriptors(error);
    if (!isLack) this.daemon.internalError(error, false);
    const message = isLack ? noDescriptor : `could not be read: ${messageOf(error)}`;
    return { ok: false, problems: [{ file, line: 1, column: 1, message }] };
  }

  /** When the running configuration goes back by itself. */
  get confirmBy(): string | undefined {
    return this.unconfirmed === undefined ? undefined : timestamp(this.unconfirmed.untilWallMs);
  }

  /**
   * Reads the file again. With `confirmS` the former configuration comes back after so many seconds
   * unless `confirm` is called; a reload without it confirms whatever waits. Refused where it would
   * break what was probably not meant to be broken, unless forced.
   */
  reload(how: ReloadOptions = {}): Promise<CommandOutcome> {
    if (how.confirmS !== undefined || how.isForced === true) {
      return this.next(() => this.readAndTakeOver(how));
    }
    this.waiting ??= this.next(() => {
      this.waiting = undefined;
      return this.readAndTakeOver(how);
    });
    return this.waiting;
  }

  confirm(by?: By): CommandOutcome {
    if (this.unconfirmed === undefined) {
      return { ok: false, message: 'no reload is waiting for confirmation' };
    }
    this.settle();
    const { hash } = this.daemon.config;
    this.daemon.events.emit({ event: 'config_confirmed', hash, ...whose(by) });
    return { ok: true, message: 'confirmed; the running configuration is kept' };
  }

  /** What a reload of what was sent, or of the file, would do; changes nothing. */
  async plan(sent?: SentConfig): Promise<PlanOutcome> {
    const { daemon } = this;
    const loaded = await this.load(sent);
    if (!loaded.ok) return loaded;
    const { config } = loaded;
    return {
      ok: true,
      plan: await inTurns(daemon.clock, planOf(daemon, config)),
      changes: (limit) => new WhatIf(daemon).changesUnder(config, limit),
    };
  }

  /** After everything that runs or waits; a bug in one does not keep the next from running. */
  private next(action: () => Promise<CommandOutcome>): Promise<CommandOutcome> {
    const before = this.running ?? Promise.resolve();
    this.running = before.then(action, action);
    return this.running;
  }

  private async readAndTakeOver({
    confirmS,
    isForced,
    by,
  }: ReloadOptions): Promise<CommandOutcome> {
    const loaded = await this.load();
    if (!loaded.ok) return this.refuse(loaded.message, loaded.problems);
    const harm = isForced === true ? undefined : await harmOf(this.daemon, loaded.config);
    if (harm !== undefined) return this.refuse(`reload refused: ${harm}; ${ifMeant}`);
    const former = this.daemon.config;
    const dark = isForced === true ? await this.darkness(loaded.config) : '';
    const takenOver = await this.takeOver(loaded.config, '', by);
    if (!takenOver.ok) return takenOver;
    const outcome = { ...takenOver, message: takenOver.message + dark };
    const first = this.unconfirmed?.former ?? former;
    this.settle();
    if (confirmS === undefined) return outcome;
    const confirmMs = confirmS * 1000;
    this.unconfirmed = {
      former: first,
      untilWallMs: this.daemon.clock.wall() + confirmMs,
      cancel: this.daemon.clock.after(confirmMs, () => void this.next(() => this.goBack())),
    };
    return {
      ok: true,
      message: `${outcome.message}; will be reverted at ${this.confirmBy} unless confirmed`,
    };
  }

  /** What a forced reload does to services, as the end of its message. */
  private async darkness(config: Config): Promise<string> {
    const dark = await darknessOf(this.daemon, config, 'goes');
    return dark === undefined ? '' : `; ${dark}`;
  }

  private async goBack(): Promise<CommandOutcome> {
    const former = this.unconfirmed?.former;
    // Confirmed while this waited for another reload.
    if (former === undefined) return { ok: true, message: 'confirmed in time' };
    this.settle();
    return this.takeOver(
      former,
      'not confirmed in time: the previous configuration has been restored; ',
    );
  }

  private async takeOver(config: Config, why: string, by?: By): Promise<CommandOutcome> {
    const { daemon } = this;
    try {
      const change = await this.surroundings.prepare(config);
      const result = await applyConfig(daemon, config, by).catch(async (error: unknown) => {
        await change.rollback();
        throw error;
      });
      change.commit();
      daemon.configuration.reloaded(true);
      const { file, hash } = config;
      const text = why + resultText(result);
      const event = why === '' ? 'config_loaded' : 'config_rolled_back';
      daemon.events.emit({ event, file, hash, text, ...whose(by) });
      return { ok: true, message: text };
    } catch (error) {
      if (!isOperators(error)) throw error;
      return this.refuse(why + error.message);
    }
  }

  /** Nothing waits any longer. */
  private settle(): void {
    this.unconfirmed?.cancel();
    this.unconfirmed = undefined;
  }

  private refuse(message: string, problems?: ConfigProblem[]): CommandOutcome {
    const { daemon } = this;
    daemon.configuration.reloaded(false);
    const first = problems?.[0];
    const where =
      first === undefined ? '' : `; first: ${first.file}:${first.line} ${first.message}`;
    const text = `${message}${where}; the running configuration is kept`;
    daemon.events.emit({ event: 'config_refused', file: daemon.config.file, text });
    return { ok: false, message, ...(problems !== undefined && { problems }) };
  }
}

function whose(by: By | undefined): { by?: By } {
  return by === undefined ? {} : { by };
}

function problemCount(count: number): string {
  return count === 1 ? 'the configuration has an error' : `the configuration has ${count} errors`;
}

/** `reloaded; W1: policy (import); W2: add; applied: http, services`. */
function resultText({ peers, applied, needRestart, notOurs }: ReloadResult): string {
  const rows = peers.map(({ peer, effect, why, letsIn }) => {
    const keys = why.length === 0 ? '' : ` (${why.join(', ')})`;
    return `${peer}: ${effect}${keys}${letsIn === true ? ', reconnection allowed' : ''}`;
  });
  const taken = applied.length === 0 ? [] : [`applied: ${applied.join(', ')}`];
  const restart =
    needRestart.length === 0 ? [] : [`restart required for: ${needRestart.join(', ')}`];
  const handed = notOurs.map(
    (key) => `${key}: no effect because the sockets were passed in by systemd`,
  );
  const parts = [...rows, ...taken, ...restart, ...handed];
  return parts.length === 0 ? 'reloaded; nothing changed' : `reloaded; ${parts.join('; ')}`;
}
