import type { Cli } from './cli-parts.ts';

/** Posts a command to the daemon, and prints its outcome. */
export async function postCommand(cli: Cli, path: string, body?: object): Promise<void> {
  const { text, value } = await cli.client().post<{ message: string }>(path, body);
  cli.print(cli.settings().json ? text : value.message);
}
