import type { PlanOutcome, PlanTarget, SentConfig } from '#api/commands.ts';
import { QueryError } from '#api/queries.ts';
import type { RanConfig } from '#history/config-store.ts';
import { messageOf } from '#text/message-of.ts';
import type { Daemon } from '../daemon.ts';
import { inTurns } from '../in-slices.ts';
import { planOf } from './apply-config.ts';
import type { ConfigLoads, KeptConfig } from './config-loads.ts';
import { harmOf } from './reload-guard.ts';
import { nothingWaits } from './reload-texts.ts';
import type { Reloads } from './reloads.ts';
import { WhatIf } from './what-if.ts';

/** What a reload would do, for operators who ask before they change something. */
export class ConfigPlans {
  private readonly daemon: Daemon;
  private readonly loads: ConfigLoads;
  private readonly reloads: Pick<Reloads, 'confirmBy'>;

  constructor(daemon: Daemon, loads: ConfigLoads, reloads: Pick<Reloads, 'confirmBy'>) {
    this.daemon = daemon;
    this.loads = loads;
    this.reloads = reloads;
  }

  /**
   * Returns what a reload would do with the text that was sent, a stored configuration, or the file; changes nothing.
   */
  async plan(target?: PlanTarget): Promise<PlanOutcome> {
    const { daemon } = this;
    const wanted = target === undefined || 'text' in target ? target : this.keptConfig(target);
    if (wanted !== undefined && 'message' in wanted) return { ok: false, message: wanted.message };
    const loaded = await this.loads.load(wanted);
    if (!loaded.ok) return loaded;
    const { config } = loaded;
    const effects = await inTurns(daemon.clock, planOf(daemon, config));
    const isRollback = target !== undefined && 'rollback' in target;
    const harm = isRollback ? undefined : await harmOf(daemon, config);
    return {
      ok: true,
      plan: { ...effects, ...(harm !== undefined && { refused: harm }) },
      changes: (limit) => new WhatIf(daemon).changesUnder(config, limit),
    };
  }

  /** Throws a QueryError for a hash that none of them begins with. */
  private keptConfig(target: Exclude<PlanTarget, SentConfig>): KeptConfig | { message: string } {
    const { kept } = this.daemon;
    if ('rollback' in target && this.reloads.confirmBy === undefined) {
      return { message: nothingWaits(kept) };
    }
    const ran = 'rollback' in target ? kept.confirmed : ranWith(kept.history, target.against);
    if (ran === undefined) return { message: 'no configuration has been confirmed' };
    try {
      return { kept: kept.sourcesOf(ran) };
    } catch (error) {
      return { message: messageOf(error) };
    }
  }
}

/** Returns the latest configuration that ran whose hash begins with this. */
function ranWith(history: readonly RanConfig[], start: string): RanConfig {
  const found = history.find(({ hash }) => hash.startsWith(start));
  if (found !== undefined) return found;
  throw new QueryError(
    'unknown_config',
    `no configuration that ran has a hash that begins with ${start}; see \`fingerpost show config history\``,
  );
}
