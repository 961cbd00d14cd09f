import { Command, CommanderError } from 'commander';
import { printableLines } from '#text/printable.ts';
import { CliError, exitCodes } from './cli-error.ts';
import type { Cli } from './cli-parts.ts';
import { ControlClient, Refusal } from './client.ts';
import { addClear } from './commands/clear.ts';
import { addCompletion } from './commands/completion.ts';
import { addConfigure } from './commands/configure.ts';
import { addConfirm } from './commands/confirm.ts';
import { addDisable } from './commands/disable.ts';
import { addDoctor } from './commands/doctor.ts';
import { addDrain } from './commands/drain.ts';
import { addEnable } from './commands/enable.ts';
import { addExplain } from './commands/explain.ts';
import { addForeignWords } from './commands/foreign.ts';
import { addMonitor } from './commands/monitor.ts';
import { addNote } from './commands/note.ts';
import { addCheck } from './commands/offline/check.ts';
import { addDemo } from './commands/offline/demo.ts';
import { addImport } from './commands/offline/import.ts';
import { addRender } from './commands/offline/render.ts';
import { addReplay } from './commands/offline/replay.ts';
import { addRun } from './commands/offline/run.ts';
import { addTest } from './commands/offline/test.ts';
import { addPlan } from './commands/plan.ts';
import { addRefresh } from './commands/refresh.ts';
import { addReload } from './commands/reload.ts';
import { addReset } from './commands/reset.ts';
import { addShow } from './commands/show/show.ts';
import { addShutdown } from './commands/shutdown.ts';
import { addUndrain } from './commands/undrain.ts';
import { addWait } from './commands/wait.ts';
import { addWhatif } from './commands/whatif.ts';
import { examples } from './examples.ts';
import type { CliHost } from './host.ts';
import { problemLines } from './problems.ts';
import { type GlobalOptions, type Settings, settingsOf } from './settings.ts';
import { styleFor } from './style.ts';
import { usageText } from './usage-text.ts';
import { commandLine } from './words.ts';

/** Runs the command given by the words after `fingerpost`; resolves to the exit status, and never rejects. */
export async function runCli(words: readonly string[], host: CliHost): Promise<number> {
  let client: ControlClient | undefined;
  const { program, cli } = assemble(
    host,
    (socket) => (client ??= new ControlClient(socket, sudoUser(host))),
  );
  try {
    await program.parseAsync(commandLine(program, words), { from: 'user' });
    return cli.exitCode;
  } catch (error) {
    return report(cli, error, () => program.opts<GlobalOptions>().json === true);
  } finally {
    client?.close();
  }
}

/** Returns every command with its words, options and help, without running any. */
export function commandTree(host: CliHost): Command {
  return assemble(host, (socket) => new ControlClient(socket, undefined)).program;
}

/** Returns the user who called sudo, in ASCII, because an HTTP header can carry nothing else. */
function sudoUser({ env }: CliHost): string | undefined {
  const user = env['SUDO_USER'];
  return user !== undefined && /^[!-~]{1,64}$/.test(user) ? user : undefined;
}

function assemble(
  host: CliHost,
  connect: (socket: Settings['socket']) => ControlClient,
): { program: Command; cli: Cli } {
  const program = new Command('fingerpost');
  const settings = () => settingsOf(program.opts<GlobalOptions>(), host.env);
  const cli: Cli = {
    host,
    settings,
    style: styleFor(host),
    width: host.stdout.isTTY === true ? (host.stdout.columns ?? 80) : Infinity,
    client: () => connect(settings().socket),
    print: (text) => host.stdout.write(`${text}\n`),
    warn: (text) => host.stderr.write(`fingerpost: ${text}\n`),
    exitCode: exitCodes.ok,
  };
  build(program, cli);
  return { program, cli };
}

function build(program: Command, cli: Cli): void {
  const { stdout, stderr } = cli.host;
  program
    .description('A BGP route server that keeps services available')
    .version(cli.host.version, '-V, --version', 'print the version')
    .option('-c, --config <FILE>', 'the configuration file [$FINGERPOST_CONFIG]')
    .option('-s, --socket <PATH>', 'the control socket of the daemon [$FINGERPOST_SOCKET]')
    .option('-j, --json', 'print the JSON response of the API instead of text')
    .helpOption('-h, --help', 'print this help')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      getOutHelpWidth: () => Math.min(cli.width, 100),
      getErrHelpWidth: () => Math.min(cli.width, 100),
      outputError: (text, write) => write(usageText(text)),
    })
    .exitOverride()
    .addHelpText('after', examples(...firstWords));
  for (const add of commands) add(program, cli);
}

const commands: readonly ((parent: Command, cli: Cli) => void)[] = [
  addRun,
  addCheck,
  addPlan,
  addReload,
  addConfirm,
  addConfigure,
  addShow,
  addExplain,
  addDoctor,
  addWhatif,
  addDrain,
  addUndrain,
  addWait,
  addEnable,
  addDisable,
  addReset,
  addRefresh,
  addClear,
  addForeignWords,
  addMonitor,
  addNote,
  addShutdown,
  addRender,
  addImport,
  addTest,
  addReplay,
  addDemo,
  addCompletion,
];

const firstWords = [
  ['run -c rs9.yaml', 'run the daemon in the foreground'],
  ['show peers', 'which peers are up, and how many routes each sent'],
  ['show route', 'every path, with the best one marked'],
  ['explain 2001:db8:30::1', 'why a path is best, and which peers it is sent to'],
  ['whatif --node w1', 'what happens if this node dies'],
  ['drain --node w1 --ttl 2h', 'take a node out of service, its sessions stay up'],
  ['sh ro fo 2001:db8:30::1', 'commands can be abbreviated'],
] as const;

/** Every failure ends here: the message goes to stderr, and the exit status is returned. */
function report(cli: Cli, error: unknown, isJson: () => boolean): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  if (error instanceof Refusal && isJson()) {
    cli.host.stderr.write(`${error.text}\n`);
    return error.exitCode;
  }
  if (error instanceof CliError) {
    cli.warn(printableLines(error.message));
    const problems = error instanceof Refusal ? (error.problem.problems ?? []) : [];
    for (const line of problemLines(problems)) cli.host.stderr.write(`${line}\n`);
    return error.exitCode;
  }
  cli.warn(
    `internal error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  );
  return exitCodes.internal;
}
