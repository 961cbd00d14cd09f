import type { Command } from 'commander';
import { type DomainName, domainNames } from '#api/names.ts';
import { CliError, exitCodes } from './cli-error.ts';

/** The options `--node w1`, `--site dc1`, `--rack a` and `--peer W1`. */
export type TargetOptions = { readonly [Domain in DomainName]?: string };

export interface Target {
  readonly kind: DomainName;
  readonly name: string;
}

/** Adds the four options. */
export function withTargets(command: Command): Command {
  return command
    .option('--node <name>', 'this node, with all of its peers', once('--node'))
    .option('--site <name>', 'every node of this site', once('--site'))
    .option('--rack <name>', 'every node of this rack', once('--rack'))
    .option('--peer <peer>', 'only this peer; name or address', once('--peer'));
}

/** Returns a parser of an option that may be given once: what it names first would otherwise be left out unnoticed. */
export function once(flag: string): (name: string, before: string | undefined) => string {
  return (name, before) => {
    if (before === undefined) return name;
    throw new CliError(
      exitCodes.usage,
      `${flag} is given twice: ${before} and ${name}; run the command once for each`,
    );
  };
}

/** Returns the target that is given, or `undefined`. */
export function targetIn(options: TargetOptions): Target | undefined {
  const given = domainNames.flatMap((kind) => {
    const name = options[kind];
    return name === undefined ? [] : [{ kind, name }];
  });
  if (given.length > 1) {
    throw new CliError(exitCodes.usage, 'expected only one of --node, --site, --rack and --peer');
  }
  return given.at(0);
}
