/** The exit statuses of every command (docs/operations.md). */
export const exitCodes = { ok: 0, refused: 1, usage: 2, noDaemon: 3, internal: 70 } as const;

/** Ends the command with an exit status and a message on stderr. */
export class CliError extends Error {
  readonly exitCode: number;
  constructor(exitCode: number, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}
