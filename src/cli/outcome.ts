import type { Cli } from './host.ts';

/** Has the daemon do something, and prints what it did. */
export async function postCommand(cli: Cli, path: string, body?: object): Promise<void> {
  const { text, value } = await cli.client().post<{ message: string }>(path, body);
  cli.print(cli.settings().json ? text : value.message);
}
