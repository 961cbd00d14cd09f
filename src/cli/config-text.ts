import { readFile } from 'node:fs/promises';
import type { StatusView } from '#api/views/status.ts';
import { fileFailure } from '#text/file-failure.ts';
import { CliError, exitCodes } from './cli-error.ts';
import type { Cli } from './cli-parts.ts';
import { Refusal } from './client.ts';

/** Reads the text of a configuration file that the daemon is to examine. */
export async function configText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new CliError(exitCodes.refused, `${file} cannot be read: ${fileFailure(error)}`);
  }
}

/**
 * Returns the answer to a request with the text of `file`. Errors in that text are reported under its name: the daemon
 * gives them that of the file which it would replace.
 */
export async function askingWith<Value>(
  cli: Cli,
  file: string | undefined,
  ask: () => Promise<Value>,
): Promise<Value> {
  try {
    return await ask();
  } catch (error) {
    if (file === undefined || !(error instanceof Refusal)) throw error;
    const { problems = [] } = error.problem;
    if (problems.length === 0) throw error;
    const { value } = await cli.client().get<StatusView>('/api/v1/status');
    throw error.withProblems(
      problems.map((one) => (one.file === value.config.file ? { ...one, file } : one)),
    );
  }
}
