import type { StatusView } from '#api/status.ts';
import { ageText, plural, secondsSince, timeText } from '#words/text.ts';
import type { Cli } from '../host.ts';
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
    ['  loaded', age(config.loaded_at)],
    ['  reload', reload],
    ['Peers', `${peers.established} of ${peers.configured} established`],
    ['Routes', `${plural(rib.prefixes, 'prefix')}, ${plural(rib.paths, 'path')}`],
    ['Listening', status.listening.join(', ')],
    ['Unknown sources', status.unknown_sources === 0 ? '' : String(status.unknown_sources)],
    ['Without effect', (status.without_effect ?? []).join(', ')],
  ]);
}
