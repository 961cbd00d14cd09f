import { readFile } from 'node:fs/promises';
import { fileFailure } from '#text/file-failure.ts';
import { CliError, exitCodes } from './cli-error.ts';

/** Reads the text of a configuration file that the daemon is to examine. */
export async function configText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new CliError(exitCodes.refused, `${file} cannot be read: ${fileFailure(error)}`);
  }
}
