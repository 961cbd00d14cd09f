import { serviceStates } from '#services/audit.ts';
import { type By, byText } from '../by.ts';
import type { DaemonEvent } from './events.ts';
import { failoverText, summaryText } from './failover-text.ts';

export const eventLevels = ['debug', 'info', 'warn', 'error'] as const;
export type EventLevel = (typeof eventLevels)[number];

/** The importance of an event, and one line that describes it. */
export interface EventText {
  readonly level: EventLevel;
  readonly text: string;
}

/**
 * Returns the text of an event. What a peer did wrong is a warning, a session or a service that changes is info, and a
 * transitional state is debug.
 */
export function describe(event: DaemonEvent): EventText {
  switch (event.event) {
    case 'started':
      return info(
        `fingerpost ${event.version} started, router id ${event.router_id}, AS ${event.local_as}`,
      );
    case 'listening':
      return info(`listening on ${event.address} (${event.what})`);
    case 'peer_up':
      return info(`%ADJCHANGE: peer ${event.peer} (${event.address}) Up`);
    case 'peer_down':
      return info(`%ADJCHANGE: peer ${event.peer} (${event.address}) Down - ${event.text}`);
    case 'peer_state':
      return debug(
        `peer ${event.peer}: ${event.old_state} -> ${event.new_state}${after(': ', event.text)}`,
      );
    case 'notification':
      return warn(
        `%NOTIFICATION: ${event.direction} ${event.direction === 'sent' ? 'to' : 'from'} peer ` +
          `${event.peer} ${event.code}/${event.subcode} (${event.text})`,
      );
    case 'update_error':
      return warn(`%UPDATE: peer ${event.peer}: ${event.text} (${event.action})`);
    case 'family_disabled':
      return warn(
        `%UPDATE: peer ${event.peer}: ${event.family} is disabled for this session and its routes ` +
          `have been removed: ${event.text}`,
      );
    case 'limit_hit':
      return warn(
        `%MAXPFX: peer ${event.peer}: ${event.family} prefixes have reached the limit of ` +
          `${event.limit} (${event.action})`,
      );
    case 'limit_cleared':
      return info(
        `%MAXPFX: peer ${event.peer}: ${event.family} prefixes are below the limit again`,
      );
    case 'best_changed':
      return info(
        `best path of ${event.prefix}: ${pathText(event.old_peer, event.old_med)} -> ` +
          pathText(event.new_peer, event.new_med) +
          after('; ', event.text),
      );
    case 'service_state':
      return serviceText(event);
    case 'failover':
      if ('failover' in event) return info(failoverText(event.failover));
      // If only one address is concerned, its own line has already said everything.
      return (event.summary.addresses === 1 ? debug : info)(summaryText(event.summary));
    case 'config_loaded':
      return info(`configuration ${event.file} loaded${who(event.by)}${after(': ', event.text)}`);
    case 'config_refused': {
      const text = `configuration ${event.file} refused${who(event.by)}: ${event.text}`;
      return { level: 'error', text };
    }
    case 'config_confirmed':
      return info(`configuration ${event.hash} confirmed${who(event.by)}`);
    case 'config_rolled_back':
      return warn(
        `configuration ${event.file}: ${event.text}${event.cause.kind === 'command' ? who(event.by) : ''}`,
      );
    case 'command': {
      const outcome = event.ok ? '' : ' (refused)';
      return info(`${event.text}${outcome}${who(event.by)}${after(': ', event.comment)}`);
    }
    case 'note':
      return info(`note${who(event.by)}: ${event.text}`);
    case 'drain':
    case 'undrain':
      return info(event.text);
    case 'drain_overdue':
    case 'last_path_kept':
    case 'brake':
      return warn(event.text);
    case 'config_lost':
    case 'drain_failed':
    case 'state_lost':
      return { level: 'error', text: event.text };
    case 'bfd': {
      const line = `peer ${event.peer}: ${event.text}`;
      return event.state === 'up' ? info(line) : warn(line);
    }
    case 'coherence':
      return event.count > 0 && event.state !== 'tie' ? warn(event.text) : info(event.text);
    case 'probe':
      return event.state === 'not_answering' ? warn(event.text) : info(event.text);
    case 'rpki_cache':
    case 'bmp': {
      const { level = 'info', text } = event;
      return { level, text };
    }
    case 'start_failed':
      return { level: 'error', text: `cannot start: ${event.text}` };
    case 'unknown_source':
      return warn(`connection from ${event.address} refused: ${event.text}`);
    case 'auth_failed':
      return warn(`HTTP request from ${event.address} refused: ${event.text}`);
    case 'warning':
      return warn(`${event.peer === undefined ? '' : `peer ${event.peer}: `}${event.text}`);
    case 'stopping':
      return info(event.text);
    case 'internal_error':
      return { level: 'error', text: `internal error: ${event.text}` };
    default:
      return event satisfies never;
  }
}

/** Returns a warning if the state is worse than before, or if the first state seen is not ok. */
function serviceText(event: Extract<DaemonEvent, { event: 'service_state' }>): EventText {
  const text = `service ${event.service}: ${event.new_state}: ${event.text}`;
  if ('count' in event) return { level: event.is_worse ? 'warn' : 'info', text };
  // The summary has already said it.
  if (event.is_counted === true) return debug(text);
  const { new_state: to, old_state: from = 'ok' } = event;
  const isWorse = serviceStates.indexOf(to) < serviceStates.indexOf(from);
  return { level: isWorse ? 'warn' : 'info', text };
}

function who(by: By | undefined): string {
  return by === undefined ? '' : ` by ${byText(by)}`;
}

function info(text: string): EventText {
  return { level: 'info', text };
}

function warn(text: string): EventText {
  return { level: 'warn', text };
}

function debug(text: string): EventText {
  return { level: 'debug', text };
}

function after(separator: string, text: string | undefined): string {
  return text === undefined || text === '' ? '' : separator + text;
}

function pathText(peer: string | undefined, med: number | undefined): string {
  if (peer === undefined) return 'none';
  return med === undefined ? peer : `${peer} (MED ${med})`;
}
