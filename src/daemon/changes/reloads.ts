import { type By, byText } from '#api/by.ts';
import type { Cause } from '#api/causes.ts';
import type {
  BadConfig,
  CommandOutcome,
  PlanOutcome,
  PlanTarget,
  ReloadOptions,
  SentConfig,
} from '#api/commands.ts';
import type { ConfigProblem } from '#api/problem.ts';
import { QueryError } from '#api/queries.ts';
import { type Cancel, timestamp } from '#clock.ts';
import type { Config } from '#config/config.ts';
import type { LoadOutcome } from '#config/load.ts';
import type { ConfigSources } from '#config/sources.ts';
import type { RanConfig } from '#history/config-store.ts';
import { isLackOfDescriptors, noDescriptor } from '#os/descriptors.ts';
import { messageOf } from '#text/message-of.ts';
import type { Daemon } from '../daemon.ts';
import { inTurns } from '../in-slices.ts';
import { applyConfig, planOf, type ReloadResult } from './apply-config.ts';
import type { Running } from './kept-configs.ts';
import { isOperators } from './operator-error.ts';
import { darknessOf, harmOf } from './reload-guard.ts';
import { WhatIf } from './what-if.ts';

/** What lies outside the daemon and follows its configuration: the log, HTTP. */
export interface Surroundings {
  /** Rejects with an error that is the operator's; then nothing has changed. */
  prepare(config: Config): Promise<Change>;
  /** Ends the daemon and its process, as SIGTERM does. */
  end(): void;
}

/** Reads, checks and resolves the file, or `text` in its place; elsewhere, so that BGP goes on. */
export type Load = (file: string, sent?: SentConfig | KeptConfig) => Promise<LoadOutcome>;

/** The sources of a configuration that ran. */
export interface KeptConfig {
  readonly kept: Uint8Array;
}

type Loaded = Extract<LoadOutcome, { ok: true }>;

/** Made ready; one of the two must be called. */
export interface Change {
  commit(): void;
  rollback(): Promise<void>;
}

interface Unconfirmed {
  /** What was last confirmed, before the first reload that waits to be. */
  readonly former: Running;
  /** Who loaded what waits. */
  readonly by: By | undefined;
  readonly untilWallMs: number;
  readonly cancel: Cancel;
}

/** Why the confirmed configuration comes back, and whose command that follows from. */
interface ComingBack {
  readonly how: 'rollback' | 'not_confirmed';
  readonly text: string;
  /** Names nobody in its text: it is shown to readers without a token. */
  readonly cause: Cause;
}

/** What somebody who is refused may do. */
const ifMeant =
  'check with `fingerpost plan`; if this is intended, use `fingerpost reload --force`';

/** Why nothing but a word about what waits is heard while a reload waits to be confirmed. */
const waits = (until: string): string =>
  `a reload waits for confirmation until ${until}; use \`fingerpost confirm\`, \`fingerpost reload --rollback\` or \`fingerpost reload --confirm\` first`;

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
  private sources: ConfigSources | undefined;

  constructor(daemon: Daemon, surroundings: Surroundings, loadFile: Load) {
    this.daemon = daemon;
    this.surroundings = surroundings;
    this.loadFile = loadFile;
    this.sources = daemon.kept.startedWith;
  }

  /** What was sent in the place of the running file, or what was kept, or the file. */
  async load(sent?: SentConfig | KeptConfig): Promise<Loaded | BadConfig> {
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
   * Reads the file again. With `confirmS` what was last confirmed comes back after so many seconds unless `confirm`
   * is called; meanwhile a reload without it is refused. Refused too where it would break what was probably not
   * meant to be broken, unless forced, and where what a start after a crash needs cannot be kept, unless volatile.
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
    if (this.unconfirmed === undefined) return { ok: false, message: this.nothingWaits() };
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

  /** What a reload of what was sent, of what was kept, or of the file would do; changes nothing. */
  async plan(target?: PlanTarget): Promise<PlanOutcome> {
    const { daemon } = this;
    const wanted = target === undefined || 'text' in target ? target : this.keptConfig(target);
    if (wanted !== undefined && 'message' in wanted) return { ok: false, message: wanted.message };
    const loaded = await this.load(wanted);
    if (!loaded.ok) return loaded;
    const { config } = loaded;
    return {
      ok: true,
      plan: await inTurns(daemon.clock, planOf(daemon, config)),
      changes: (limit) => new WhatIf(daemon).changesUnder(config, limit),
    };
  }

  /** Throws a QueryError for a hash that none of them begins with. */
  private keptConfig(target: Exclude<PlanTarget, SentConfig>): KeptConfig | { message: string } {
    const { kept } = this.daemon;
    if ('rollback' in target && this.unconfirmed === undefined) {
      return { message: this.nothingWaits() };
    }
    const ran = 'rollback' in target ? kept.confirmed : ranWith(kept.history, target.against);
    if (ran === undefined) return { message: 'no configuration has been confirmed' };
    try {
      return { kept: kept.sourcesOf(ran) };
    } catch (error) {
      return { message: messageOf(error) };
    }
  }

  private nothingWaits(): string {
    const { kept } = this.daemon;
    const nothing = 'no reload is waiting for confirmation';
    if (!kept.isUnconfirmed || kept.confirmed === undefined) return nothing;
    return `${nothing}; the confirmed configuration ${kept.confirmed.hash} runs, and not the file on disk, which \`fingerpost reload\` applies`;
  }

  /** After everything that runs or waits; a bug in one does not keep the next from running. */
  private next(action: () => Promise<CommandOutcome>): Promise<CommandOutcome> {
    const before = this.running ?? Promise.resolve();
    this.running = before.then(action, action);
    return this.running;
  }

  private async readAndTakeOver(how: ReloadOptions): Promise<CommandOutcome> {
    const { confirmS, isForced, by } = how;
    const { confirmBy } = this;
    if (confirmBy !== undefined && confirmS === undefined) return this.refuseWaiting(confirmBy, by);
    const loaded = await this.load();
    if (!loaded.ok) return this.refuse(loaded.message, by, loaded.problems);
    const harm = isForced === true ? undefined : await harmOf(this.daemon, loaded.config);
    if (harm !== undefined) return this.refuse(`reload refused: ${harm}; ${ifMeant}`, by);
    const dark = isForced === true ? await this.darkness(loaded.config) : '';
    return this.enter(loaded, how, dark);
  }

  /** Enters what is loaded into what is kept, then takes it over. */
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
    const untilWallMs = clock.wall() + confirmMs;
    const confirmByMs = confirmS === undefined ? {} : { confirmByMs: untilWallMs };
    let takeBack: () => void;
    try {
      takeBack = kept.reload(next, { by, isVolatile, ...confirmByMs });
    } catch (error) {
      return this.refuse(notKeptText('nothing was changed', error), by);
    }
    const takenOver = await this.takeOver(next, by);
    if (!takenOver.ok) {
      takeBack();
      return takenOver;
    }
    const outcome = { ...takenOver, message: takenOver.message + dark };
    this.settle();
    if (confirmS === undefined) return outcome;
    this.unconfirmed = {
      former,
      by,
      untilWallMs,
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
    return { ok: false, message: `nothing to roll back: ${this.nothingWaits()}` };
  }

  /** The time is over. Whoever loaded what was not confirmed has brought this about. */
  private async notConfirmed(): Promise<CommandOutcome> {
    const { hash } = this.daemon.config;
    const by = this.unconfirmed?.by;
    const loader = by === undefined ? '' : `, loaded by ${byText(by)},`;
    const text = `${hash}${loader} was not confirmed in time: the previous configuration has been restored`;
    const cause: Cause = { kind: 'config', text: 'not confirmed in time', ...whose(by) };
    return this.goBack({ how: 'not_confirmed', text, cause });
  }

  /** What a forced reload does to services, as the end of its message. */
  private async darkness(config: Config): Promise<string> {
    const dark = await darknessOf(this.daemon, config, 'goes');
    return dark === undefined ? '' : `; ${dark}`;
  }

  private async goBack(back: ComingBack): Promise<CommandOutcome> {
    const former = this.unconfirmed?.former;
    // Confirmed while this waited for another reload.
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
      const result = await applyConfig(daemon, config, back?.cause ?? loadedBy(config, by)).catch(
        async (error: unknown) => {
          await change.rollback();
          throw error;
        },
      );
      change.commit();
      this.sources = next.sources;
      daemon.configuration.reloaded(true);
      const { file, hash } = config;
      const text = why + resultText(result);
      const told = { file, hash, text, ...whose(by) };
      if (back === undefined) daemon.events.emit({ event: 'config_loaded', ...told });
      else daemon.events.emit({ event: 'config_rolled_back', ...told, cause: back.cause });
      return { ok: true, message: text };
    } catch (error) {
      if (!isOperators(error)) throw error;
      return this.refuse(why + error.message, by);
    }
  }

  /** Nothing waits any longer. */
  private settle(): void {
    this.unconfirmed?.cancel();
    this.unconfirmed = undefined;
  }

  /** It says nothing of the file: the last reload was none. */
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

const withoutStore = '; without state_dir a daemon that ends before that starts with the file';
const otherStateDir =
  'reload refused: state_dir differs, so that a start after a crash would not find what was confirmed; change it without --confirm';

function notKeptText(nothing: string, error: unknown): string {
  return `${nothing}, because it could not be kept: ${messageOf(error)} (--volatile does it anyway)`;
}

/** The last that ran with a hash that begins so. */
function ranWith(history: readonly RanConfig[], start: string): RanConfig {
  const found = history.find(({ hash }) => hash.startsWith(start));
  if (found !== undefined) return found;
  throw new QueryError(
    'unknown_config',
    `no configuration that ran has a hash that begins with ${start}; see \`fingerpost show config history\``,
  );
}

function loadedBy({ hash }: Config, by: By | undefined): Cause {
  return { kind: 'config', text: `configuration ${hash} taken over`, ...whose(by) };
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
