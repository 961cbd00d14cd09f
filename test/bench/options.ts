import { parseArgs } from 'node:util';
import { type Make, makes } from './daemons/contender.ts';
import { fullLimitSec, type Group, groups, quickLimitSec } from './plan.ts';

export interface Options {
  readonly isQuick: boolean;
  readonly rounds: number;
  readonly against: readonly Make[];
  readonly only: readonly Group[];
  /** For each phase. */
  readonly limitSec: number;
  readonly json?: string;
  readonly plot?: string;
  /** A folder for CPU profiles of fingerpost. */
  readonly profile?: string;
}

export const usage = `npm run bench -- [options]
  --quick           small sizes, one round, about five minutes
  --only S1,S3      ${groups.join(' ')} (S5 is the end of S3)
  --against bird    ${makes.slice(1).join(' ')}; those installed unless given; or none
  --rounds N        3, with --quick 1
  --limit SECONDS   of a phase, ${fullLimitSec}, with --quick ${quickLimitSec}; who is slower is not asked again
  --json FILE       every figure of every round
  --plot FILE.svg   ratio by measure, cost against size
  --profile FOLDER  CPU profiles of fingerpost`;

/** Throws an Error that quotes the wrong words. */
export function readOptions(argv: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      against: { type: 'string' },
      rounds: { type: 'string' },
      limit: { type: 'string' },
      json: { type: 'string' },
      plot: { type: 'string' },
      profile: { type: 'string' },
    },
  });
  const { quick: isQuick, json, plot, profile } = values;
  return {
    isQuick,
    rounds: positive('--rounds', values.rounds, isQuick ? 1 : 3),
    limitSec: positive('--limit', values.limit, isQuick ? quickLimitSec : fullLimitSec),
    against: values.against === 'none' ? [] : chosen('--against', values.against, makes),
    only: chosen('--only', values.only?.replace('S5', 'S3'), groups),
    ...(json === undefined ? {} : { json }),
    ...(plot === undefined ? {} : { plot }),
    ...(profile === undefined ? {} : { profile }),
  };
}

function positive(option: string, text: string | undefined, otherwise: number): number {
  const number = text === undefined ? otherwise : Number(text);
  if (number > 0) return number;
  throw new Error(`${option}: not a positive number: ${text}`);
}

function chosen<Word extends string>(
  option: string,
  text: string | undefined,
  words: readonly Word[],
): readonly Word[] {
  if (text === undefined) return words;
  return text.split(',').map((part) => {
    const word = words.find((candidate) => candidate === part);
    if (word !== undefined) return word;
    throw new Error(`${option}: ${part} is none of ${words.join(', ')}`);
  });
}
