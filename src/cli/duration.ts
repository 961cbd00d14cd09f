import { durationToMs } from '#text/units.ts';
import { CliError, exitCodes } from './cli-error.ts';

/** Returns the milliseconds of `90`, `90s`, `500ms`, `2m`, `2h` or `1d`, as in the configuration. */
export function millisecondsOf(option: string, text: string): number {
  if (/^[0-9]{1,9}(ms|s|m|h|d)?$/.test(text)) return durationToMs(text);
  throw new CliError(
    exitCodes.usage,
    `${option} ${text}: expected a duration such as 90s, 10m or 2h`,
  );
}
