import { families } from '../wire/constants.ts';
import type { Family } from '../wire/constants.ts';
import { notificationOf } from '../wire/notification.ts';
import { writeU16, writeU32 } from '../wire/octets.ts';
import { encodeShutdownText } from '../wire/shutdown-text.ts';
import type { StopReason } from './host.ts';
import type { Detail } from './session-down.ts';

/** The Cease of each reason to stop, with its data (RFC 4486 §4, RFC 9003 §2). */
export function ceaseOf(reason: StopReason): Detail {
  switch (reason.kind) {
    case 'shutdown':
      return {
        kind: 'admin_shutdown',
        notification: notificationOf(
          'administrativeShutdown',
          encodeShutdownText(reason.text ?? ''),
        ),
      };
    case 'reset':
      return {
        kind: 'admin_reset',
        notification: notificationOf('administrativeReset', encodeShutdownText(reason.text ?? '')),
      };
    case 'deconfigured':
      return { kind: 'config', notification: notificationOf('peerDeconfigured') };
    case 'configChange':
      return { kind: 'config', notification: notificationOf('otherConfigurationChange') };
    case 'outOfResources':
      return { kind: 'max_prefix', notification: notificationOf('outOfResources') };
    case 'limit':
      return {
        kind: 'max_prefix',
        notification: notificationOf(
          'maximumNumberOfPrefixesReached',
          maxPrefixData(reason.family, reason.limit),
        ),
      };
    default:
      return reason satisfies never;
  }
}

/** AFI, SAFI and the upper bound (RFC 4486 §4). */
function maxPrefixData(family: Family, limit: number): Uint8Array {
  const { afi, safi } = families[family];
  const data = new Uint8Array(7);
  data[writeU16(data, 0, afi)] = safi;
  writeU32(data, 3, limit);
  return data;
}
