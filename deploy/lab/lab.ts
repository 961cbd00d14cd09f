import { parseArgs } from 'node:util';
import { checkBfd } from './checks/bfd.ts';
import { playDemo } from './demo/demo.ts';
import { bringUp, inOwnLab, inSharedLab } from './lifetime.ts';
import { whatIsMissing } from './requirements.ts';
import { type CheckOptions, runChecks } from './run-checks.ts';
import { RunningLab } from './running-lab.ts';
import { printStatus } from './status.ts';

const usage = `usage: deploy/lab/lab COMMAND [options]

  up       build the lab and bring it into the published state; one that is up is put in order
  down     end everything and remove it
  status   sessions, ranking, who leads where; exit 1 if not as published
  check    check everything that can go wrong, and time it against BIRD and FRR
  demo     watch a failover across all three route servers

  --name NAME    up, down, status: which lab [lab]. check, demo: work in that one, which is up, and leave
                 it; without a name they make one of their own and remove it
  --short        check: what CI has the time for
  --rounds N     check: timings through each route server alone, N times [1], the median counts
  --only TEXT    check: only those with TEXT in their title
  --bfd          check: only what BFD gains and what it does not see, in labs with and without it
  --record FILE  demo: writes what is seen, as FILE.svg and FILE.txt
`;

const { values, positionals } = words();

const commands: Readonly<Record<string, () => Promise<number>>> = {
  up: async () => {
    const lab = named();
    await bringUp(lab);
    return (await printStatus(lab)) ? 0 : 1;
  },
  down: async () => {
    named().network.remove();
    return 0;
  },
  status: async () => ((await printStatus(named())) ? 0 : 1),
  demo: () =>
    inLab(async (lab) => {
      await playDemo(lab, values.record);
      return 0;
    }),
  check: async () => {
    if (values.bfd) return (await checkBfd()) ? 0 : 1;
    return inLab(async (lab) => ((await runChecks(lab, checkOptions())) ? 0 : 1));
  },
};

process.exitCode = await main(positionals[0] ?? 'help');

async function main(word: string): Promise<number> {
  const command = commands[word];
  if (word === 'help' || values.help) return say(usage, 0);
  if (command === undefined || positionals.length > 1) return say(usage, 2);
  const missing = whatIsMissing();
  if (missing.length > 0) return say(`the lab needs ${missing.join(', ')}`, 1);
  try {
    return await command();
  } catch (error) {
    return say(error instanceof Error ? error.message : String(error), 1);
  }
}

function words() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        name: { type: 'string' },
        short: { type: 'boolean', default: false },
        rounds: { type: 'string', default: '1' },
        only: { type: 'string', default: '' },
        bfd: { type: 'boolean', default: false },
        record: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    process.exit(say(error instanceof Error ? error.message : String(error), 2));
  }
}

/** A name is part of those of its namespaces. */
function named(): RunningLab {
  const { name = 'lab' } = values;
  if (!/^[a-z0-9][a-z0-9-]{0,31}$/i.test(name)) throw new Error(`not a name for a lab: ${name}`);
  return new RunningLab(name);
}

function inLab(work: (lab: RunningLab) => Promise<number>): Promise<number> {
  if (values.name === undefined) return inOwnLab(work);
  const lab = named();
  if (!lab.network.exists) throw new Error(`no lab ${values.name}; lab up --name ${values.name}`);
  return inSharedLab(lab, work);
}

function checkOptions(): CheckOptions {
  const { short: isShort, only } = values;
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`not a count: ${values.rounds}`);
  return { isShort, only, rounds };
}

function say(text: string, status: number): number {
  (status === 0 ? process.stdout : process.stderr).write(`${text.trimEnd()}\n`);
  return status;
}
