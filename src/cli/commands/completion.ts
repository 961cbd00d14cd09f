import { Argument, type Command, type Option } from 'commander';
import type { PeerView } from '#api/peer.ts';
import type { Page } from '#api/queries.ts';
import { examples } from '../examples.ts';
import type { Cli } from '../host.ts';
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

/** What can stand where the last word is: an option's value, commands, or where none can, peers. */
async function candidates(root: Command, cli: Cli, words: readonly string[]): Promise<string[]> {
  const begun = words.at(-1) ?? '';
  let command = root;
  for (const word of expandWords(root, words.slice(0, -1))) {
    const next = command.commands.find((one) => one.name() === word);
    const isValue = command.commands.length === 0 || word.startsWith('-');
    if (next === undefined && !isValue) return [];
    command = next ?? command;
  }
  const before = words.at(-2) ?? '';
  const valued = command.options.find((one) => shownLong(one) === before && one.required);
  if (valued !== undefined) return startingWith(begun, await valuesOf(cli, valued));
  const options = command.options.map(shownLong);
  const names = visible(command).flatMap(namesOf);
  const takesPeer = command.registeredArguments.some((one) => /^peers?$/.test(one.name()));
  const peers = takesPeer && !begun.startsWith('-') ? await peerNames(cli) : [];
  const all = begun.startsWith('-') ? options : [...names, ...peers];
  return startingWith(begun, all);
}

function startingWith(begun: string, words: readonly string[]): string[] {
  return words.filter((word) => word.startsWith(begun));
}

function shownLong({ long }: Option): string {
  return shownTerm({ flags: long ?? '' });
}

/** Of an option: its choices, or what peers have under its name. */
async function valuesOf(cli: Cli, { long, argChoices }: Option): Promise<readonly string[]> {
  if (argChoices !== undefined) return argChoices;
  const peers = await peersOf(cli);
  const valueOf = valuesOfPeers.get(long ?? '');
  return [...new Set(peers.flatMap((peer) => valueOf?.(peer) ?? []))];
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

/** None when there is no daemon to ask: a tab is no place for an error. */
async function peersOf(cli: Cli): Promise<PeerView[]> {
  try {
    return (await cli.client().get<Page<PeerView>>('/api/v1/peers?limit=1000')).value.items;
  } catch {
    return [];
  }
}

const scripts = {
  bash: `_fingerpost() {
  local IFS=$'\\n'
  COMPREPLY=($(fingerpost __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _fingerpost fingerpost`,
  zsh: `#compdef fingerpost
_fingerpost() {
  local -a found
  found=("\${(@f)$(fingerpost __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  compadd -a found
}
compdef _fingerpost fingerpost`,
  fish: `complete -c fingerpost -f -a '(fingerpost __complete -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'`,
} as const;
