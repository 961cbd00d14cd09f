import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pause } from '../interop/wait.ts';
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
  readonly seconds: number;
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
      results.set(row, { row, verdict: 'differs', seen: 'the daemon has ended', seconds: 0 });
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
  return { row, verdict: 'n/a', seen: reasonAgainst(candidate, row) ?? '', seconds: 0 };
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
    const waiting = [...cases];
    const suspects: Case[] = [];
    const actor = async (): Promise<void> => {
      while (world.daemon.process.isRunning) {
        const row = waiting.shift();
        if (row === undefined) return;
        const result = await playOne(world, row, this.cases.indexOf(row));
        // That a process has ended is told later than that its connections have.
        if (result.verdict === 'differs') await pause(200);
        if (world.daemon.process.isRunning) results.set(row, result);
        else suspects.push(row);
      }
    };
    try {
      await Promise.all(Array.from({ length: together }, actor));
    } finally {
      await world.close();
    }
    return { suspects, left: waiting };
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

async function playOne(world: World, row: Case, index: number): Promise<Result> {
  const stage = new Stage(world, row, index);
  const start = performance.now();
  const seen = await row.play(stage).catch((error: unknown) => {
    return error instanceof Error ? error.message : String(error);
  });
  stage.close();
  const seconds = (performance.now() - start) / 1000;
  return { row, verdict: seen === row.want ? 'pass' : 'differs', seen, seconds };
}
