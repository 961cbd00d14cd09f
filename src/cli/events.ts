import type { DaemonEvent } from '#api/events.ts';
import { parsedPrintable } from '#text/printable.ts';
import type { Cli } from './host.ts';

/** One server-sent event; `data` is JSON as it came. */
export interface StreamEvent {
  readonly name: string;
  readonly data: string;
}

/** The events of a stream however it was cut into chunks; comments and ids are passed over. */
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

/** `21:37:27.019 %ADJCHANGE: peer W1 (2001:db8:6::11) Up` */
export function eventLine(cli: Cli, event: StreamEvent): string {
  if (event.name === 'gap') return cli.style.busy('-- some events were lost --');
  const data = parsedPrintable<DaemonEvent & { at: string }>(event.data);
  return `${cli.style.faint(data.at.slice(11, 23))} ${eventText(cli, data)}`;
}

function eventText(cli: Cli, event: DaemonEvent): string {
  const { good, bad, busy } = cli.style;
  switch (event.event) {
    case 'peer_up':
      return `%ADJCHANGE: peer ${event.peer} (${event.address}) ${good('Up')}`;
    case 'peer_down':
      return `%ADJCHANGE: peer ${event.peer} (${event.address}) ${bad('Down')}, ${event.text}`;
    case 'peer_state':
      return `peer ${event.peer}: ${event.old_state} -> ${event.new_state}${after(event.text)}`;
    case 'notification':
      return bad(
        `%NOTIFICATION: ${event.direction} ${event.peer} ${event.code}/${event.subcode} ${event.text}`,
      );
    case 'update_error':
      return bad(`peer ${event.peer}: ${event.reason}, ${event.action}: ${event.text}`);
    case 'family_disabled':
      return bad(
        `peer ${event.peer}: ${event.family} is disabled and its routes have been removed: ${event.text}`,
      );
    case 'limit_hit':
      return bad(
        `%MAXPFX: peer ${event.peer}: ${event.family} prefixes have reached the limit of ${event.limit} (${event.action})`,
      );
    case 'limit_cleared':
      return good(
        `%MAXPFX: peer ${event.peer}: ${event.family} prefixes are below the limit again`,
      );
    case 'best_changed':
      return `best of ${event.prefix}: ${place(event.old_peer, event.old_med)} -> ${place(event.new_peer, event.new_med)}${event.text === undefined ? '' : bad(`; ${event.text}`)}`;
    case 'auth_failed':
      return `HTTP request from ${event.address} refused: ${event.text}`;
    case 'unknown_source':
      return busy(`connection from ${event.address}: ${event.text}`);
    case 'listening':
      return `listening on ${event.address} (${event.what})`;
    case 'started':
      return `fingerpost ${event.version} started, router id ${event.router_id}, AS ${event.local_as}`;
    case 'bfd':
      return `peer ${event.peer}: ${event.state === 'up' ? good(event.text) : bad(event.text)}`;
    case 'config_loaded':
    case 'drain':
    case 'undrain':
    case 'stopping':
      return event.text;
    case 'coherence':
    case 'probe':
    case 'drain_overdue':
      return busy(event.text);
    case 'config_refused':
    case 'drain_failed':
    case 'start_failed':
    case 'brake':
    case 'internal_error':
      return bad(event.text);
    case 'warning':
      return busy(event.peer === undefined ? event.text : `peer ${event.peer}: ${event.text}`);
    default:
      return event satisfies never;
  }
}

function after(text: string | undefined): string {
  return text === undefined ? '' : `, ${text}`;
}

function place(peer: string | undefined, med: number | undefined): string {
  if (peer === undefined) return 'nobody';
  return med === undefined ? peer : `${peer} (MED ${med})`;
}
