import type { BmpCollectorView, BmpView } from '#api/views/bmp.ts';
import { megabytes } from '#os/megabytes.ts';
import { ageText, secondsSince } from '#words/text.ts';
import type { Cli } from '../cli-parts.ts';
import { type Column, ColumnTable } from '../table.ts';

const columns: readonly Column[] = [
  { head: 'Collector' },
  { head: 'Address' },
  { head: 'State' },
  { head: 'Since', align: 'right' },
  { head: 'Monitors', spare: 3 },
  { head: 'Sent', align: 'right', spare: 2 },
  { head: 'Waiting', align: 'right', spare: 1 },
  { head: 'Drops', align: 'right' },
  { head: 'Last error', elastic: 'wrap' },
];

/** Returns the table of `show bmp`, one line for each collector. */
export function bmpText(cli: Cli, view: BmpView): string {
  if (view.items.length === 0) return 'no BMP collector is configured';
  const table = new ColumnTable(columns, cli.width);
  return table.render(
    view.items.map((collector) => collectorRow(cli, collector)),
    cli.style.strong,
  );
}

function collectorRow(cli: Cli, collector: BmpCollectorView): string[] {
  const { since, last_error: error } = collector;
  const ageOf = (at: string): string => ageText(secondsSince(at, cli.host.clock.wall()));
  return [
    collector.name,
    collector.address,
    paint(cli, collector),
    since === undefined ? '-' : ageOf(since),
    collector.monitor.join(' '),
    sizeText(collector.sent_bytes),
    sizeText(collector.waiting_bytes),
    String(collector.drops),
    error === undefined ? '' : `${ageOf(error.at)} ago: ${error.text}`,
  ];
}

function paint({ style }: Cli, { state, last_error: error }: BmpCollectorView): string {
  if (state === 'established') return style.good(state);
  return error === undefined || state === 'synchronizing' ? style.busy(state) : style.bad(state);
}

/** `512`, `5 KiB`, `64 MiB`. */
function sizeText(bytes: number): string {
  if (bytes < 1024) return String(bytes);
  return bytes < 2 ** 20 ? `${Math.round(bytes / 1024)} KiB` : megabytes(bytes);
}
