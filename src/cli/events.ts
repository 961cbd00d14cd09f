import type { EventView } from '#api/events/event-view.ts';
import { parsedPrintable } from '#text/printable.ts';
import type { Cli } from './cli-parts.ts';

/** One server-sent event; `data` is JSON as it came. */
export interface StreamEvent {
  readonly name: string;
  readonly data: string;
}

/** Yields the events of a stream, however it is cut into chunks; comments and ids are skipped. */
export async function* eventsOf(chunks: AsyncIterable<string>): AsyncGenerator<StreamEvent> {
  let pending = '';
  for await (const chunk of chunks) {
    const blocks = (pending + chunk).split('\n\n');
    pending = blocks.pop() ?? '';
    for (const block of blocks) {
      const fields = new Map(block.split('\n').map(fieldOf));
      const data = fields.get('data');
      if (data !== undefined) yield { name: fields.get('event') ?? 'message', data };
    }
  }
}

function fieldOf(line: string): [name: string, value: string] {
  const colon = line.indexOf(': ');
  return colon < 0 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 2)];
}

/** Returns `21:37:27.019 %ADJCHANGE: peer W1 (2001:db8:6::11) Up`. */
export function eventLine(cli: Cli, event: StreamEvent): string {
  if (event.name === 'gap')
    return cli.style.busy('-- some events were lost: this terminal did not keep up --');
  const data = parsedPrintable<EventView>(event.data);
  return `${cli.style.faint(data.at.slice(11, 23))} ${paintedText(cli, data)}`;
}

/** Returns the line of an event in the colour of its severity. */
export function paintedText({ style }: Cli, { kind, level, text }: EventView): string {
  if (kind === 'peer_up') return style.good(text);
  if (kind === 'peer_down' || level === 'error') return style.bad(text);
  return level === 'warn' ? style.busy(text) : text;
}
