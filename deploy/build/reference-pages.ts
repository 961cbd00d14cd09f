import remarkMan from 'remark-man';
import remarkParse from 'remark-parse';
import { unified } from 'unified';
import { configurationSections, type KeyEntry, type Section } from './configuration-reference.ts';

const introduction = `The configuration is one YAML file and the files that it names in \`include\`. Every key is listed here with its possible values,
its default and its meaning; any other key is an error. \`fingerpost check FILE\` reports every error at once, with file, line
and column.

Durations are a number of seconds, or a number with its unit: \`6\`, \`6s\`, \`500ms\`, \`2m\`, \`1h\`, \`30d\`. Sizes are a number of
bytes, or \`64KiB\`, \`256MiB\`, \`1GiB\`. Prefix patterns are BIRD's: \`P\` exactly, \`P+\` and longer, \`P-\` and shorter, \`P{min,max}\`.
A peer inherits every key of its group and may override each of them.`;

/** Returns docs/configuration.md. */
export function configurationPage(): string {
  const sections = configurationSections().map((section) => {
    const rows = section.keys.map(
      (entry) =>
        `| \`${entry.key}\` | ${values(entry)} | ${preset(entry)} | ${cell(entry.description)} |`,
    );
    const head = ['| key | value | default | meaning |', '| --- | --- | --- | --- |'];
    return [heading(section), ...paragraph(section), [...head, ...rows].join('\n')].join('\n\n');
  });
  const note = '<!-- Generated from the schema by `npm run build`. -->';
  return `${['# Configuration', note, introduction, ...sections].join('\n\n')}\n`;
}

function heading({ title }: Section): string {
  return title === 'The file' ? '## The file' : `## \`${title}\``;
}

function paragraph({ description }: Section): string[] {
  return description === '' ? [] : [description];
}

function values(entry: KeyEntry): string {
  return cell(entry.values) + (entry.isRequired ? ' (**required**)' : '');
}

function preset(entry: KeyEntry): string {
  return entry.default === undefined ? '' : `\`${cell(entry.default)}\``;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}

/** Returns fingerpost.yaml(5). */
export function configurationManual(version: string, date: Date): string {
  const sections = configurationSections().map((section) => {
    const keys = section.keys.map((entry) => {
      const facts = [
        entry.isRequired ? 'required' : undefined,
        entry.default === undefined ? undefined : `default \`${entry.default}\``,
      ].filter((fact) => fact !== undefined);
      const fact = facts.length === 0 ? '' : ` (${facts.join(', ')})`;
      return `* **${entry.key}**: ${plain(entry.values)}${fact}. ${plain(entry.description)}`;
    });
    return [`## ${section.title.toUpperCase()}`, ...paragraph(section), keys.join('\n')].join(
      '\n\n',
    );
  });
  const files = '## FILES\n\n`/etc/fingerpost/fingerpost.yaml`';
  const see = '## SEE ALSO\n\n**fingerpost**(1)';
  const name = '# fingerpost.yaml(5) -- configuration of the BGP route server fingerpost';
  return manual(
    [name, '## DESCRIPTION', introduction, ...sections, files, see].join('\n\n'),
    version,
    date,
  );
}

/** Escapes characters that Markdown would interpret. */
function plain(text: string): string {
  return text.replaceAll(/[*_<[\]]/g, '\\$&');
}

/** A command of the command line, as its own help describes it. */
export interface CommandEntry {
  /** All its words and arguments: `fingerpost show route [prefix]`. */
  readonly usage: string;
  readonly description: string;
  readonly options: readonly { readonly flags: string; readonly description: string }[];
}

/** Returns fingerpost(1): first the program itself, then each of its commands. */
export function commandManual(
  [program, ...commands]: readonly CommandEntry[],
  version: string,
  date: Date,
): string {
  const parts = [
    '# fingerpost(1) -- BGP route server for keeping services available',
    `## SYNOPSIS\n\n**fingerpost** [options] command`,
    `## DESCRIPTION\n\n${plain(program.description)}. Words of commands may be shortened where they are unambiguous; \`--help\` after any command prints its examples.`,
    `## OPTIONS\n\n${optionList(program)}`,
    '## COMMANDS',
    ...commands.map((command) =>
      [`### ${plain(command.usage)}`, plain(command.description), optionList(command)]
        .filter((part) => part !== '')
        .join('\n\n'),
    ),
    '## EXIT STATUS\n\n* **0**: done.\n* **1**: refused, unhealthy, a configuration error, an unknown peer or prefix, a port or socket that is taken.\n* **2**: wrong words or options.\n* **3**: no daemon answers.\n* **70**: an internal error.',
    '## SEE ALSO\n\n**fingerpost.yaml**(5)',
  ];
  return manual(parts.join('\n\n'), version, date);
}

function optionList({ options }: CommandEntry): string {
  return options
    .map(({ flags, description }) => `* **${plain(flags)}**: ${plain(description)}.`)
    .join('\n');
}

function manual(markdown: string, version: string, date: Date): string {
  const options = { version: `fingerpost ${version}`, manual: 'fingerpost', date };
  return String(unified().use(remarkParse).use(remarkMan, options).processSync(markdown));
}
