import type { Command, Option } from 'commander';
import { CliError, exitCodes } from './cli-error.ts';

/**
 * Expands abbreviated words as birdc does: a word may be cut short if only one command begins with it, and an
 * exact word wins. What follows the last command word is left as it is; `help show route` is `show route --help`.
 */
export function expandWords(root: Command, words: readonly string[]): string[] {
  const out: string[] = [];
  let command = root;
  for (let at = 0; at < words.length; at++) {
    const word = words[at];
    if (word === '--') return [...out, ...words.slice(at)];
    if (command.commands.length === 0) return [...out, ...ownOptions(command, words.slice(at))];
    if (word.startsWith('-')) {
      out.push(word);
      if (takesValue(command, word) && at + 1 < words.length) out.push(words[++at]);
      continue;
    }
    const found = commandOf(command, word);
    if (found === undefined && word === 'help') {
      return [...out, ...expandWords(command, [...words.slice(at + 1), '--help'])];
    }
    if (found === undefined) return [...out, ...withoutHelp(command, words.slice(at))];
    out.push(found.name());
    command = found;
  }
  return out;
}

/** Returns the expanded words; a bare `show` stands for bgpctl's table of peers. */
export function commandLine(root: Command, words: readonly string[]): string[] {
  const expanded = expandWords(root, words);
  const isHelp = words.includes('--help') || words.includes('-h');
  return expanded.at(-1) === 'show' && !isHelp ? [...expanded, 'peers'] : expanded;
}

/**
 * Returns the words from the first one that names no command. Where only a command can stand, such a word is a
 * mistake, which a `--help` after it must not hide.
 */
function withoutHelp({ registeredArguments }: Command, words: readonly string[]): string[] {
  if (registeredArguments.length > 0) return [...words];
  return words.filter((word) => word !== '--help' && word !== '-h');
}

/**
 * How `--config` is passed to a command that gives it a meaning of its own. Otherwise the program would read it
 * as the global option, wherever it stands; `-c` remains the global option.
 */
export const ownConfig = '--new-config';

/** Returns an option as an operator writes it. */
export function shownTerm({ flags }: Pick<Option, 'flags'>): string {
  return flags.replace(ownConfig, '--config');
}

function ownOptions(command: Command, words: readonly string[]): string[] {
  if (!command.options.some(({ long }) => long === ownConfig)) return [...words];
  return words.map((word) => word.replace(/^--config(?=$|=)/, ownConfig));
}

/**
 * Returns the one command that `word` may mean; undefined if there is none. Throws, with the list, if there are
 * several.
 */
function commandOf(parent: Command, word: string): Command | undefined {
  const exact = parent.commands.find((command) => namesOf(command).includes(word));
  if (exact !== undefined) return exact;
  const found = visible(parent).filter((command) =>
    namesOf(command).some((name) => name.startsWith(word)),
  );
  if (found.length < 2) return found[0];
  const names = found.map((command) => nameThatBegins(command, word)).join(', ');
  throw new CliError(exitCodes.usage, `${word}: ambiguous, may be ${names}`);
}

export function visible(parent: Command): Command[] {
  return parent.commands.filter((command) => !command.name().startsWith('_'));
}

export function namesOf(command: Command): string[] {
  return [command.name(), ...command.aliases()];
}

function nameThatBegins(command: Command, word: string): string {
  return namesOf(command).find((name) => name.startsWith(word)) ?? command.name();
}

/** Returns whether the next word is the value of this option, of this command or of one above it. */
function takesValue(command: Command, word: string): boolean {
  for (let at: Command | null = command; at !== null; at = at.parent) {
    const option = at.options.find((one) => one.short === word || one.long === word);
    if (option !== undefined) return option.required || option.optional;
  }
  return false;
}
