import { dice } from '#support/dice.ts';
import { readCorpus } from './corpus.ts';
import { Generator } from './generator.ts';
import { grown, highest, type Sizes, sizesOf } from './growth.ts';
import type { Operation } from './operation.ts';
import { World } from './world.ts';

export interface FuzzOptions {
  readonly seed: number;
  /** The run ends with whichever comes first. */
  readonly seconds: number;
  readonly messages: number;
  /** Messages between two comparisons with the oracle. */
  readonly checkEvery: number;
  readonly onProgress?: (tally: Tally) => void;
}

export interface Tally {
  messages: number;
  checks: number;
  seconds: number;
  /** Connections that ended, by the NOTIFICATION that the daemon sent; empty: by the peer's own or by its FIN. */
  readonly endings: Map<string, number>;
  /** UPDATEs with errors, by what became of them. */
  updateErrors: ReadonlyMap<string, number>;
  /** Of the daemon's events. */
  readonly events: ReadonlyMap<string, number>;
  /**
   * Growth is judged between the highest values of the first and of the second half, because tables are swept from time
   * to time.
   */
  readonly samples: Sizes[];
}

export interface FuzzResult {
  readonly tally: Tally;
  /** What went wrong, and the last operations that led to it. */
  readonly failure?: { readonly error: unknown; readonly operations: readonly Operation[] };
  readonly grown: readonly string[];
}

const keptOperations = 3_000;
/** Sizes have become level long before. */
const warmUpMessages = 200_000;
const samplesEvery = 50_000;
const leastSamples = 10;

/** A run in one world: random operations, compared with the oracle from time to time, until something is wrong. */
export async function fuzz(options: FuzzOptions): Promise<FuzzResult> {
  const world = new World();
  const tally = newTally(world);
  const generator = new Generator(dice(options.seed), readCorpus());
  const operations: Operation[] = [];
  const startMs = performance.now();
  let checkedAt = 0;
  try {
    while (tally.seconds < options.seconds && world.messages < options.messages) {
      const isDue = world.messages - checkedAt >= options.checkEvery;
      const operation: Operation = isDue ? { kind: 'check' } : generator.next(world);
      operations.push(operation);
      if (operations.length > 2 * keptOperations) operations.splice(0, keptOperations);
      await world.apply(operation);
      if (!isDue) continue;
      checkedAt = world.messages;
      tally.checks++;
      tally.messages = world.messages;
      tally.updateErrors = world.updateErrors;
      tally.seconds = (performance.now() - startMs) / 1000;
      sample(world, tally);
      options.onProgress?.(tally);
    }
  } catch (error) {
    tally.messages = world.messages;
    return { tally, failure: { error, operations }, grown: [] };
  }
  tally.messages = world.messages;
  return { tally, grown: growthOf(tally) };
}

function newTally(world: World): Tally {
  const endings = new Map<string, number>();
  for (const peer of world.peers) {
    peer.onEnded = (ending) => endings.set(ending, (endings.get(ending) ?? 0) + 1);
  }
  const { events, updateErrors } = world;
  return { messages: 0, checks: 0, seconds: 0, endings, events, updateErrors, samples: [] };
}

function sample(world: World, tally: Tally): void {
  const due = warmUpMessages + tally.samples.length * samplesEvery;
  if (world.messages >= due) tally.samples.push(sizesOf(world.daemon));
}

function growthOf({ samples }: Tally): string[] {
  if (samples.length < leastSamples) return [];
  const half = Math.floor(samples.length / 2);
  return grown(highest(samples.slice(0, half)), highest(samples.slice(half)));
}
