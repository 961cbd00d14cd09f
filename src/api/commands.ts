import type { By } from './by.ts';
import type { ChangesView, EffectsView, SimulationView, Supposition, Work } from './changes.ts';
import type { DomainName } from './names.ts';
import type { ConfigProblem } from './problem.ts';

/** The HTTP header in which the command line says for whom it runs: SUDO_USER. Believed no further than that. */
export const claimedUserHeader = 'x-fingerpost-user';

export type CommandOutcome =
  { ok: true; message: string } | { ok: false; message: string; problems?: ConfigProblem[] };

/** Write side; each has taken effect when it answers. `undefined` for an unknown peer. */
export interface Commands {
  enable(peer: string): CommandOutcome | undefined;
  disable(peer: string, reason?: string, by?: By): CommandOutcome | undefined;
  reset(peer: string, reason?: string, by?: By): CommandOutcome | undefined;
  refresh(peer: string, direction?: 'in' | 'out' | 'both'): CommandOutcome | undefined;
  /** Checks what was sent, or the running file when absent; changes nothing. */
  checkConfig(sent?: SentConfig): Promise<CommandOutcome>;
  /**
   * What a reload of what was sent, of a configuration that ran, or of the running file would do; changes nothing.
   * Rejects with a `QueryError` for a hash that none has.
   */
  plan(target?: PlanTarget): Promise<PlanOutcome>;
  /**
   * What would become of routes; changes nothing. At most `limit` changes are listed for each scenario.
   * Rejects with a `QueryError` for a name that no peer has.
   */
  simulate(supposed: Supposition, limit: number): Promise<SimulateOutcome>;
  /** All or nothing. */
  reload(how?: ReloadOptions): Promise<CommandOutcome>;
  confirm(by?: By, isVolatile?: boolean): CommandOutcome;
  /** Answers as soon as the end is certain. */
  shutdown(command: ShutdownCommand): Promise<CommandOutcome>;
  /** Puts a line into the history. */
  note(text: string, by: By): CommandOutcome;
  /** Rejects with a `QueryError` for a name that no peer has. */
  drain(command: DrainCommand, by: By): Promise<DrainOutcome>;
  /** `undefined` for an unknown id. */
  undrain(command: UndrainCommand, by: By): Promise<UndrainOutcome | undefined>;
}

export interface ShutdownCommand {
  /** Routers are told first (RFC 8326), and the sessions end after the wait. */
  readonly isGraceful: boolean;
  readonly waitMs: number;
  /** Even where siblings are unknown or lack an address. */
  readonly isForced: boolean;
}

export interface DrainCommand {
  readonly kind: DomainName;
  readonly name: string;
  readonly ttlS?: number;
  readonly comment?: string;
  /** Even where the guard refuses. */
  readonly isForced?: boolean;
  /** Even where it cannot be kept. */
  readonly isVolatile?: boolean;
}

export interface UndrainCommand {
  readonly which:
    | { readonly kind: 'id'; readonly id: string }
    | { readonly kind: 'target'; readonly domain: DomainName; readonly name: string }
    | { readonly kind: 'all' };
  readonly isVolatile?: boolean;
}

/** `isNew`: false where the target was drained already. */
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
  /** False for one that came over the network: it may name no file or variable of this machine. */
  readonly mayReadFiles: boolean;
}

export interface ReloadOptions {
  /** It goes back after so many seconds unless `confirm` is called. */
  readonly confirmS?: number;
  /** Even where addresses go dark, or most peers go. */
  readonly isForced?: boolean;
  /** Back to what was last confirmed, at once. */
  readonly isRollback?: boolean;
  /** Even where it cannot be kept over a crash. */
  readonly isVolatile?: boolean;
  readonly by?: By;
}

/** `against`: 8 digits or more of the hash of one that ran; `rollback`: what was last confirmed. */
export type PlanTarget = SentConfig | { readonly against: string } | { readonly rollback: true };

export interface BadConfig {
  ok: false;
  message: string;
  problems: ConfigProblem[];
}

/** `changes` lists at most `limit`. */
export type PlanOutcome =
  | { ok: true; plan: EffectsView; changes: (limit: number) => Work<ChangesView> }
  | BadConfig
  | { ok: false; message: string; problems?: undefined };

export type SimulateOutcome = { ok: true; work: Work<SimulationView> } | BadConfig;
