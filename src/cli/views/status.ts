import type { StatusView } from '#api/views/status.ts';
import { ageText, plural, secondsSince, timeText } from '#words/text.ts';
import type { Cli } from '../cli-parts.ts';
import { fields } from './fields.ts';

export function statusText(cli: Cli, status: StatusView): string {
  const { style, host } = cli;
  const { config, peers, rib } = status;
  const age = (timestamp: string): string =>
    `${timeText(timestamp)} UTC, ${ageText(secondsSince(timestamp, host.clock.wall()))} ago`;
  const reload = config.last_reload_ok ? '' : style.bad('the last reload was refused');
  return fields(style.strong(`fingerpost ${status.version}`), [
    ['Router id', `${status.router_id}, AS ${status.local_as}`],
    ['State', status.ready ? style.good('ready') : style.busy('not ready')],
    ['Not ready', (status.not_ready ?? []).map((reason) => style.busy(reason)).join('; ')],
    ['Degraded', (status.degraded ?? []).map((reason) => style.busy(reason)).join('; ')],
    ['Started', age(status.started_at)],
    ['Configuration', `${config.file}, hash ${config.hash}`],
    ['  running', runningText(cli, config)],
    ['  unconfirmed', pendingText(cli, config)],
    ['  loaded', age(config.loaded_at)],
    ['  reload', reload],
    ['Peers', `${peers.established} of ${peers.configured} established`],
    ['Routes', `${plural(rib.prefixes, 'prefix')}, ${plural(rib.paths, 'path')}`],
    ['Listening', status.listening.join(', ')],
    ['Unknown sources', status.unknown_sources === 0 ? '' : String(status.unknown_sources)],
    ['History', historyText(cli, status)],
    ['Without effect', (status.without_effect ?? []).join(', ')],
  ]);
}

function historyText({ style }: Cli, { history_failure: why }: StatusView): string {
  return why === undefined ? '' : style.bad(`events are kept in memory only: ${why}`);
}

/** Returns `running 3f2a9c01 (confirmed 02:14), not the file on disk`, unless it is the same. */
function runningText({ style }: Cli, config: StatusView['config']): string {
  if (config.running_from === 'stored') {
    const confirmed =
      config.confirmed_at === undefined ? '' : ` (confirmed ${timeText(config.confirmed_at)})`;
    const text = `running ${config.hash.slice(0, 8)}${confirmed}`;
    return config.file_differs === false
      ? `${text}, the same as the file on disk`
      : style.busy(`${text}, not the file on disk`);
  }
  return config.file_differs === true ? 'the file on disk has changed since it was loaded' : '';
}

/** Says what will happen unless the reload is confirmed. */
function pendingText({ style, host }: Cli, config: StatusView['config']): string {
  const { confirm_by: until, confirmed_hash: confirmed } = config;
  if (until === undefined) return '';
  const leftS = Math.max(0, -secondsSince(until, host.clock.wall()));
  const former = confirmed === undefined ? 'the previous one' : confirmed.slice(0, 8);
  return style.busy(
    `returns to ${former} at ${timeText(until)} UTC, in ${ageText(leftS)}, unless \`fingerpost confirm\` is run before`,
  );
}
