import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { fileFailure } from '#text/file-failure.ts';
import { CliError, exitCodes } from '../../cli-error.ts';
import type { Cli } from '../../cli-parts.ts';
import { examples } from '../../examples.ts';
import { testText } from '../../views/tests.ts';

interface Options {
  readonly tap?: boolean;
  readonly junit?: string;
}

/** This command needs no daemon: it reads files and runs the daemon's decision code. */
export function addTest(parent: Command, cli: Cli): void {
  parent
    .command('test')
    .summary('run the test cases of a configuration')
    .description(
      'Runs test cases against a configuration, without a daemon and without a network, using the decision code of ' +
        'the daemon. A case states what peers announce and what happens to them, then what must hold: which path is best, ' +
        'which is the backup, what is rejected and why, and what each router is sent. The exit status is 1 if a case fails ' +
        'or a file has an error.',
    )
    .argument('<file...>', 'YAML files with cases; `config:` in a file names the configuration')
    .option('--tap', 'print TAP instead of text')
    .option('--junit <FILE>', 'write a JUnit report to this file too')
    .addHelpText(
      'after',
      examples(
        ['test service-ha.test.yaml', 'run the cases of a file'],
        ['test tests/*.yaml --junit report.xml', 'for a CI system'],
        ['test -c new.yaml cases.yaml', 'if the file has no `config:`'],
      ),
    )
    .addHelpText('after', `\n${sample}`)
    .action((files: string[], options: Options) => test(cli, files, options));
}

const sample = `A file of cases:
  config: fingerpost.yaml
  cases:
    - name: W3 takes over from W1
      given:
        - { peer: W1, announce: "2001:db8:30::3/128", med: 100 }
        - { peer: W3, announce: "2001:db8:30::3/128", med: 101 }
      expect:
        - { prefix: "2001:db8:30::3/128", best: W1, backup: W3 }
      then:
        - given: [{ peer: W1, down: true }]
          expect: [{ prefix: "2001:db8:30::3/128", best: W3, sent: { to: [ER2], med: 101 } }]`;

async function test(cli: Cli, files: readonly string[], { tap, junit }: Options): Promise<void> {
  const { hasPassed, runTests } = await import('#testing/run-tests.ts');
  const { reportText } = await import('#testing/reports.ts');
  const { config, json } = cli.settings();
  const results = runTests(files, config, cli.host.clock);
  if (junit !== undefined) await save(junit, await reportText('junit', results));
  if (tap === true) cli.print((await reportText('tap', results)).trimEnd());
  else cli.print(json ? JSON.stringify({ items: results }) : testText(cli, results));
  if (!results.every(hasPassed)) cli.exitCode = exitCodes.refused;
}

async function save(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    throw new CliError(exitCodes.refused, `${file} cannot be written: ${fileFailure(error)}`);
  }
}
