import type { DoctorItem } from '#api/views/doctor.ts';
import type { PeerView } from '#api/views/peer.ts';
import { capabilityText } from '#words/peer.ts';

/** Returns a block for each finding, errors first. */
export function doctorText(items: readonly DoctorItem[]): string {
  if (items.length === 0) return 'no problem found';
  return items.map(itemText).join('\n\n');
}

function itemText({ severity, code, peer, text, evidence, ours, theirs }: DoctorItem): string {
  const about = peer === undefined ? '' : `${peer}: `;
  const rows = [
    `${severity}: ${about}${text} [${code}]`,
    `  evidence: ${evidence}`,
    ...(ours === undefined ? [] : [`  here:     ${ours}`]),
    ...(theirs === undefined ? [] : [`  peer:     ${theirs}`]),
  ];
  return rows.join('\n');
}

/** Returns what each side offered in its OPEN; empty if no OPEN was exchanged. */
export function opensText({ name, capabilities: { sent, received } }: PeerView): string {
  if (sent.length + received.length === 0) return `${name}: no OPEN messages were exchanged\n`;
  return `${name}: OPEN messages\n  sent:     ${capabilitiesText(sent)}\n  received: ${capabilitiesText(received)}\n`;
}

function capabilitiesText(capabilities: PeerView['capabilities']['sent']): string {
  return capabilities.map(capabilityText).join(', ') || 'no capabilities';
}
