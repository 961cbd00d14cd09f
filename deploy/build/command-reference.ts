import type { Command } from 'commander';
import { commandTree } from '#cli/cli.ts';
import { systemClock } from '#clock.ts';
import type { CommandEntry } from './reference-pages.ts';

const nothing = { write: () => true };
const takeSignals = () => new AbortController().signal;
const never = () => Promise.reject(new Error('the manual runs no command'));

/** Every command as its own `--help` describes it, in the order of the help; the program itself first. */
export function commandEntries(version: string): readonly CommandEntry[] {
  const host = {
    stdout: nothing,
    stderr: nothing,
    env: {},
    clock: systemClock,
    version,
    hasReader: () => true,
    takeSignals,
  };
  return entriesOf(commandTree({ ...host, run: never, demo: never }), []);
}

function entriesOf(command: Command, parents: readonly string[]): CommandEntry[] {
  const help = command.createHelp();
  const words = [...parents, command.name()];
  const own: CommandEntry = {
    usage: [...words, ...command.registeredArguments.map(argumentText)].join(' '),
    description: command.description() || command.summary(),
    options: help
      .visibleOptions(command)
      .filter(({ long }) => parents.length === 0 || long !== '--help')
      .map((option) => ({ flags: option.flags, description: help.optionDescription(option) })),
  };
  const children = help.visibleCommands(command).filter((child) => child.name() !== 'help');
  return [own, ...children.flatMap((child) => entriesOf(child, words))];
}

function argumentText(argument: Command['registeredArguments'][number]): string {
  const name = argument.variadic ? `${argument.name()}...` : argument.name();
  return argument.required ? `<${name}>` : `[${name}]`;
}
