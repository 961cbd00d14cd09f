import { Option } from 'commander';
import { CliError, exitCodes } from './cli-error.ts';

export interface ReasonOptions {
  readonly reason?: string;
}

/** The option for the reason why an operator ends a session; it is sent to the peer (RFC 9003). */
export function reasonOption(): Option {
  return new Option('--reason <text>', 'reason that is sent to the peer');
}

/** The option for the reason of a command of which the peer learns nothing; it is kept in the history. */
export function noteOption(): Option {
  return new Option('--reason <text>', 'reason that is kept in the history');
}

/**
 * Returns the body of the request. A second word is taken as a reason only if it contains a space: `disable W1
 * W2` is meant for two peers, and must not take down the first for the reason "W2".
 */
export function reasonBody(second: string | undefined, { reason }: ReasonOptions): ReasonOptions {
  if (second === undefined) return reason === undefined ? {} : { reason };
  if (reason !== undefined) {
    throw new CliError(exitCodes.usage, `${second}: a reason is already given with --reason`);
  }
  if (/\s/.test(second)) return { reason: second };
  throw new CliError(
    exitCodes.usage,
    `${second}: only one peer can be given; if this is the reason, write --reason ${second}`,
  );
}
