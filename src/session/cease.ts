import { families, type Family } from '#wire/constants.ts';
import { notificationOf, wrapHardReset } from '#wire/notification.ts';
import { writeU16, writeU32 } from '#wire/octets.ts';
import { encodeShutdownText } from '#wire/shutdown-text.ts';
import type { StopReason } from './host.ts';
import type { Negotiated } from './negotiate.ts';
import { isKeptByPeer, needsHardReset } from './restart-terms.ts';
import type { Detail } from './session-down.ts';

/**
 * Returns how a session is ended for this reason: its Cease with its data (RFC 4486 §4, RFC 9003 §2), as a Hard
 * Reset where the peer would otherwise keep routes that are not to stay (RFC 8538 §5.1).
 */
export function endOf(reason: StopReason, negotiated: Negotiated | undefined): Detail {
  if (reason.kind === 'restart' && isKeptByPeer(negotiated)) return silence;
  const detail = ceaseOf(reason);
  const { notification } = detail;
  if (mayComeBack(reason) || notification === undefined || !needsHardReset(negotiated)) {
    return detail;
  }
  return { ...detail, notification: wrapHardReset(notification) };
}

/** Returns whether routes may outlive a session that ends for this reason. */
export function mayComeBack({ kind }: StopReason): boolean {
  return kind === 'reset' || kind === 'configChange';
}

const silence: Detail = {
  kind: 'admin_shutdown',
  isSilent: true,
  text: 'closed because this server is restarting',
};

function ceaseOf(reason: StopReason): Detail {
  switch (reason.kind) {
    case 'shutdown':
      return {
        kind: 'admin_shutdown',
        notification: notificationOf(
          'administrativeShutdown',
          encodeShutdownText(reason.text ?? ''),
        ),
      };
    case 'restart':
      return ceaseOf({ kind: 'shutdown' });
    case 'reset':
      return {
        kind: 'admin_reset',
        notification: notificationOf('administrativeReset', encodeShutdownText(reason.text ?? '')),
      };
    case 'bfdDown':
      return { kind: 'bfd_down', notification: notificationOf('bfdDown'), text: reason.text };
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

/** Encodes AFI, SAFI and the upper bound (RFC 4486 §4). */
function maxPrefixData(family: Family, limit: number): Uint8Array {
  const { afi, safi } = families[family];
  const data = new Uint8Array(7);
  data[writeU16(data, 0, afi)] = safi;
  writeU32(data, 3, limit);
  return data;
}
