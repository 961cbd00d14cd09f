import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pause } from '#support/wait.ts';
import type { Case } from './case.ts';
import type { Candidate } from './daemons/candidate.ts';
import { Stage } from './stage.ts';
import { World } from './world.ts';

/** What became of one case. */
export interface Result {
  readonly row: Case;
  /** `n/a` means that the daemon cannot be configured for the case, or that the case is about a choice of ours. */
  readonly verdict: 'pass' | 'differs' | 'n/a';
  /** In the words of `want`; for `n/a` it is the reason. */
  readonly seen: string;
}

/** This many cases are played at a time, because sessions are independent of each other. */
const atATime = 32;

/** Plays all cases against a daemon of its own. Rejects if the daemon does not start. */
export async function play(candidate: Candidate, cases: readonly Case[]): Promise<Result[]> {
  const folder = mkdtempSync(join(tmpdir(), 'conformance-'));
  const fit = cases.filter((row) => reasonAgainst(candidate, row) === undefined);
  try {
    const played = await playFit(new Theatre(candidate, folder, fit));
    return cases.map((row) => played.get(row) ?? notPlayed(candidate, row));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Many cases are played at a time. If the daemon ends meanwhile, those that were being played are played again one by
 * one, each with a new daemon, until it is known which of them ends it.
 */
async function playFit(theatre: Theatre): Promise<Map<Case, Result>> {
  const results = new Map<Case, Result>();
  let waiting = [...theatre.cases];
  while (waiting.length > 0) {
    const { suspects, left } = await theatre.play(waiting, atATime, results);
    if (suspects.length === 0) break;
    const alone = await theatre.play(suspects, 1, results);
    for (const row of alone.suspects) {
      results.set(row, { row, verdict: 'differs', seen: 'the daemon has ended' });
    }
    waiting = [...alone.left, ...left];
  }
  return results;
}

function reasonAgainst(candidate: Candidate, row: Case): string | undefined {
  if (row.isOurs === true && candidate.make !== 'fingerpost') return 'a choice of fingerpost';
  return candidate.unfit(row);
}

function notPlayed(candidate: Candidate, row: Case): Result {
  return { row, verdict: 'n/a', seen: reasonAgainst(candidate, row) ?? '' };
}

/** Starts a daemon and plays the cases. */
class Theatre {
  readonly cases: readonly Case[];
  private readonly candidate: Candidate;
  private readonly folder: string;

  constructor(candidate: Candidate, folder: string, cases: readonly Case[]) {
    this.candidate = candidate;
    this.folder = folder;
    this.cases = cases;
  }

  /**
   * Resolves when all cases have been played or the daemon has ended, with those that were being played and those that
   * were not begun.
   */
  async play(
    cases: readonly Case[],
    together: number,
    results: Map<Case, Result>,
  ): Promise<{ readonly suspects: readonly Case[]; readonly left: readonly Case[] }> {
    const world = await this.openWorld();
    const waiting = cases.filter(({ endsDaemon }) => endsDaemon !== true);
    const last = cases.filter(({ endsDaemon }) => endsDaemon === true);
    try {
      const actors = Array.from({ length: together }, () => this.act(world, waiting, results));
      const suspects = (await Promise.all(actors)).flat();
      if (!world.daemon.process.isRunning) return { suspects, left: [...waiting, ...last] };
      for (const row of last) results.set(row, await this.playOne(world, row));
      return { suspects: [], left: [] };
    } finally {
      await world.close();
    }
  }

  /** Takes one waiting case after the other; returns the one during which the daemon has ended. */
  private async act(world: World, waiting: Case[], results: Map<Case, Result>): Promise<Case[]> {
    while (world.daemon.process.isRunning) {
      const row = waiting.shift();
      if (row === undefined) return [];
      const result = await this.playOne(world, row);
      // The end of a process is reported later than the end of its connections.
      if (result.verdict === 'differs') await pause(200);
      if (!world.daemon.process.isRunning) return [row];
      results.set(row, result);
    }
    return [];
  }

  private async playOne(world: World, row: Case): Promise<Result> {
    const stage = new Stage(world, row, this.cases.indexOf(row));
    const seen = await row.play(stage).catch((error: unknown) => {
      return error instanceof Error ? error.message : String(error);
    });
    stage.close();
    return { row, verdict: seen === row.want ? 'pass' : 'differs', seen };
  }

  /** GoBGP sometimes ends while it starts. */
  private async openWorld(): Promise<World> {
    for (let triesLeft = this.candidate.make === 'fingerpost' ? 0 : 2; ; triesLeft--) {
      try {
        return await World.start(this.candidate, this.folder, this.cases);
      } catch (error) {
        if (triesLeft === 0) throw error;
      }
    }
  }
}
