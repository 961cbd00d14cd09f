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
  /** `n/a`: the daemon cannot be configured for it, or it is about a choice of ours. */
  readonly verdict: 'pass' | 'differs' | 'n/a';
  /** In the words of `want`; for `n/a` the reason. */
  readonly seen: string;
}

/** Sessions are independent of each other: so many cases are played at a time. */
const atATime = 32;

/** Plays all cases against a daemon of its own. Rejects when the daemon does not come up. */
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
 * Many at a time; when the daemon has ended under them, those that were being played are played again one
 * by one, with a new daemon, until it is known which of them ended it.
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

/** Puts up a daemon and plays. */
class Theatre {
  readonly cases: readonly Case[];
  private readonly candidate: Candidate;
  private readonly folder: string;

  constructor(candidate: Candidate, folder: string, cases: readonly Case[]) {
    this.candidate = candidate;
    this.folder = folder;
    this.cases = cases;
  }

  /** Until all are played or the daemon has ended: then says who was on stage, and who had not been yet. */
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

  /** Takes one case after the other from those that wait; returns the one during which the daemon has ended. */
  private async act(world: World, waiting: Case[], results: Map<Case, Result>): Promise<Case[]> {
    while (world.daemon.process.isRunning) {
      const row = waiting.shift();
      if (row === undefined) return [];
      const result = await this.playOne(world, row);
      // That a process has ended is told later than that its connections have.
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

  /** GoBGP now and then does not survive its own start. */
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
