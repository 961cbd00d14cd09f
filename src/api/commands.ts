import type { By } from './by.ts';
import type { DomainName } from './names.ts';
import type { ConfigProblem } from './problem.ts';
import type { Work } from './queries.ts';
import type { ChangesView, EffectsView, SimulationView } from './views/changes.ts';

/**
 * The HTTP header in which the command line says for whom it runs (SUDO_USER). It is shown as a claim and not trusted
 * further.
 */
export const claimedUserHeader = 'x-fingerpost-user';

export type CommandOutcome =
  { ok: true; message: string } | { ok: false; message: string; problems?: ConfigProblem[] };

/** The write side of the API. Every command has taken effect when it answers. `undefined` for an unknown peer. */
export interface Commands {
  /** The daemon is stopping: nothing can be changed any more. */
  readonly isStopping: boolean;
  enable(peer: string): CommandOutcome | undefined;
  disable(peer: string, reason?: string, by?: By): CommandOutcome | undefined;
  reset(peer: string, reason?: string, by?: By): CommandOutcome | undefined;
  refresh(peer: string, direction?: 'in' | 'out' | 'both'): CommandOutcome | undefined;
  /** Checks the configuration that was sent, or the running file if none was; changes nothing. */
  checkConfig(sent?: SentConfig): Promise<CommandOutcome>;
  /**
   * Returns what a reload would do with the configuration that was sent, one that ran before, or the running file;
   * changes nothing. Rejects with a `QueryError` for a hash that no configuration has.
   */
  plan(target?: PlanTarget): Promise<PlanOutcome>;
  /**
   * Returns what would become of routes; changes nothing. At most `limit` changes are listed for each scenario. Rejects
   * with a `QueryError` for a name that no peer has.
   */
  simulate(supposed: Supposition, limit: number): Promise<SimulateOutcome>;
  /** Reloads everything or nothing. */
  reload(how?: ReloadOptions): Promise<CommandOutcome>;
  confirm(by?: By, isVolatile?: boolean): CommandOutcome;
  /** Answers as soon as it is certain that the daemon will end. */
  shutdown(command: ShutdownCommand): Promise<CommandOutcome>;
  /** Adds a line to the history. */
  note(text: string, by: By): CommandOutcome;
  /** Rejects with a `QueryError` for a name that no peer has. */
  drain(command: DrainCommand, by: By): Promise<DrainOutcome>;
  /** `undefined` for an unknown id. */
  undrain(command: UndrainCommand, by: By): Promise<UndrainOutcome | undefined>;
  /**
   * Resolves when every path has been decided by what the commands so far have changed, so that whoever asks next sees
   * that; after a second at the latest.
   */
  decided(): Promise<void>;
}

/** What a simulation is to assume. */
export type Supposition =
  | { readonly kind: 'gone'; readonly domain: DomainName; readonly name: string }
  | { readonly kind: 'each'; readonly domain: DomainName }
  | { readonly kind: 'config'; readonly text: string; readonly mayReadFiles: boolean };

export interface ShutdownCommand {
  /** GRACEFUL_SHUTDOWN is sent to the routers first (RFC 8326), and the sessions end after the wait. */
  readonly isGraceful: boolean;
  readonly waitMs: number;
  /** Shuts down even if siblings are not heard or lack an address. */
  readonly isForced: boolean;
}

export interface DrainCommand {
  readonly kind: DomainName;
  readonly name: string;
  readonly ttlS?: number;
  readonly comment?: string;
  /** Drains even if the guard refuses. */
  readonly isForced?: boolean;
  /** Drains even if the drain cannot be saved. */
  readonly isVolatile?: boolean;
}

export interface UndrainCommand {
  readonly which:
    | { readonly kind: 'id'; readonly id: string }
    | { readonly kind: 'target'; readonly domain: DomainName; readonly name: string }
    | { readonly kind: 'all' };
  readonly isVolatile?: boolean;
}

/** `isNew` is false if the target was already drained. */
export type DrainOutcome =
  | { ok: true; id: string; isNew: boolean; warnings: readonly string[] }
  | { ok: false; message: string };

export type UndrainOutcome =
  | {
      ok: true;
      ended: readonly { id: string; target: { kind: DomainName; name: string } }[];
      warnings: readonly string[];
    }
  | { ok: false; message: string };

/** The text of a configuration that is not the daemon's own file. */
export interface SentConfig {
  readonly text: string;
  /** False for one that came over the network, which may name no file or variable of this machine. */
  readonly mayReadFiles: boolean;
}

export interface ReloadOptions {
  /** The reload is undone after this many seconds unless `confirm` is called. */
  readonly confirmS?: number;
  /** Reloads even if addresses go dark or most sources or clients are lost. */
  readonly isForced?: boolean;
  /** Goes back to the last confirmed configuration at once. */
  readonly isRollback?: boolean;
  /** Reloads even if the confirmed configuration cannot be saved for a restart after a crash. */
  readonly isVolatile?: boolean;
  readonly by?: By;
}

/** `against` is the hash of one that ran, 8 digits or more of it; `rollback` is the last confirmed one. */
export type PlanTarget = SentConfig | { readonly against: string } | { readonly rollback: true };

export interface BadConfig {
  ok: false;
  message: string;
  problems: ConfigProblem[];
}

/** `changes` lists at most `limit` of them. */
export type PlanOutcome =
  | { ok: true; plan: EffectsView; changes: (limit: number) => Work<ChangesView> }
  | BadConfig
  | { ok: false; message: string; problems?: undefined };

export type SimulateOutcome = { ok: true; work: Work<SimulationView> } | BadConfig;
