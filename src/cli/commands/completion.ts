import { Argument, type Command, type Option } from 'commander';
import type { Page } from '#api/queries.ts';
import type { PeerView } from '#api/views/peer.ts';
import type { Cli } from '../cli-parts.ts';
import { examples } from '../examples.ts';
import { expandWords, namesOf, shownTerm, visible } from '../words.ts';

/** `completion` prints a script for the shell; the script asks the hidden `__complete` at each tab. */
export function addCompletion(parent: Command, cli: Cli): void {
  parent
    .command('completion')
    .summary('print a completion script for the shell')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish']))
    .addHelpText(
      'after',
      examples(['completion bash > /etc/bash_completion.d/fingerpost', 'for all users']),
    )
    .action((shell: keyof typeof scripts) => cli.print(scripts[shell]));
  parent
    .command('__complete', { hidden: true })
    .argument('[words...]')
    .allowUnknownOption()
    .action(async (words: string[]) => {
      for (const word of await candidates(parent, cli, words)) cli.print(word);
    });
}

/** What `__complete` prints to make the shell complete file names itself. */
const filesHere = ':files';

/**
 * Returns what can stand as the last word: values of an option, commands or, where no command can stand, peers
 * or files.
 */
async function candidates(root: Command, cli: Cli, words: readonly string[]): Promise<string[]> {
  const begun = words.at(-1) ?? '';
  let command = root;
  let valued: Option | undefined;
  for (const word of expandWords(root, words.slice(0, -1))) {
    // `-s` and `-c` select the daemon that is asked.
    if (valued !== undefined) root.setOptionValue(valued.attributeName(), word);
    const isValue = valued !== undefined || command.commands.length === 0 || word.startsWith('-');
    valued = valued === undefined ? optionNamed(word, [command, root]) : undefined;
    const next = isValue ? undefined : command.commands.find((one) => one.name() === word);
    if (next === undefined && !isValue) return [];
    command = next ?? command;
  }
  if (valued !== undefined) return valuesOf(cli, valued, begun);
  if (begun.startsWith('-')) return startingWith(begun, command.options.map(shownLong));
  const takes = command.registeredArguments.map((one) => one.name());
  if (takes.includes('file')) return [filesHere];
  const peers = takes.some((name) => /^peers?$/.test(name)) ? await peerNames(cli) : [];
  return startingWith(begun, [...visible(command).flatMap(namesOf), ...peers]);
}

/** Returns the option whose value the next word is. */
function optionNamed(word: string, commands: readonly Command[]): Option | undefined {
  return commands
    .flatMap(({ options }) => options)
    .find((one) => one.required && (one.long === word || one.short === word));
}

function startingWith(begun: string, words: readonly string[]): string[] {
  return words.filter((word) => word.startsWith(begun));
}

function shownLong({ long }: Option): string {
  return shownTerm({ flags: long ?? '' });
}

/** Returns the possible values of an option: its choices, files, or the values that peers have for it. */
async function valuesOf(cli: Cli, option: Option, begun: string): Promise<string[]> {
  const { long, argChoices, flags } = option;
  if (argChoices !== undefined) return startingWith(begun, argChoices);
  if (/<(?:FILE|PATH)>$/.test(flags)) return [filesHere];
  const valueOf = valuesOfPeers.get(long ?? '');
  if (valueOf === undefined) return [];
  const peers = await peersOf(cli);
  return startingWith(begun, [...new Set(peers.flatMap((peer) => valueOf(peer) ?? []))]);
}

const valuesOfPeers = new Map<string, (peer: PeerView) => string | undefined>([
  ['--node', ({ node, kind }) => (kind === 'source' ? node : undefined)],
  ['--site', ({ site }) => site],
  ['--rack', ({ rack }) => rack],
  ['--peer', ({ name }) => name],
  ['--for', ({ name }) => name],
]);

async function peerNames(cli: Cli): Promise<string[]> {
  return (await peersOf(cli)).map(({ name }) => name);
}

/** Returns nothing when no daemon answers, since completion must not print errors. */
async function peersOf(cli: Cli): Promise<PeerView[]> {
  try {
    return (await cli.client().get<Page<PeerView>>('/api/v1/peers?limit=1000')).value.items;
  } catch {
    return [];
  }
}

const scripts = {
  bash: `_fingerpost() {
  local IFS=$'\\n' found
  found=$(fingerpost __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  if [ "$found" = ${filesHere} ]; then
    compopt -o default
    COMPREPLY=()
  else
    COMPREPLY=($found)
  fi
}
complete -F _fingerpost fingerpost`,
  zsh: `#compdef fingerpost
_fingerpost() {
  local -a found
  found=("\${(@f)$(fingerpost __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ $found[1] == ${filesHere} ]]; then
    _files
  else
    compadd -a found
  fi
}
if [ "$funcstack[1]" = _fingerpost ]; then
  _fingerpost "$@"
else
  compdef _fingerpost fingerpost
fi`,
  fish: `function __fingerpost_complete
    set -l found (fingerpost __complete -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)
    if test "$found" = ${filesHere}
        __fish_complete_path (commandline -ct)
    else
        printf '%s\\n' $found
    end
end
complete -c fingerpost -f -a '(__fingerpost_complete)'`,
} as const;
