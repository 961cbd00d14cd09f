import type { DoctorItem } from '#api/views/doctor.ts';
import type { PeerView } from '#api/views/peer.ts';
import { capabilityText } from '#words/peer.ts';

/** How many peers with the same finding are named. */
const mostNamed = 5;

/** Returns a block for each finding, errors first; peers with the same finding and the same remedy share one. */
export function doctorText(items: readonly DoctorItem[]): string {
  if (items.length === 0) return 'no problem found';
  const alike = Map.groupBy(items, ({ peer, evidence, ...finding }) =>
    JSON.stringify(peer === undefined ? { evidence, ...finding } : finding),
  );
  return [...alike.values()].map(groupText).join('\n\n');
}

function groupText(group: readonly DoctorItem[]): string {
  const [{ severity, code, peer, text, ours, theirs }] = group;
  const about = peer === undefined ? '' : `${peersText(group)}: `;
  const rows = [
    `${severity}: ${about}${text} [${code}]`,
    `  evidence: ${evidenceText(group)}`,
    ...(ours === undefined ? [] : [`  here:     ${ours}`]),
    ...(theirs === undefined ? [] : [`  peer:     ${theirs}`]),
  ];
  return rows.join('\n');
}

function peersText(group: readonly DoctorItem[]): string {
  const names = group.slice(0, mostNamed).map(({ peer }) => peer);
  const more = group.length - names.length;
  return names.join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function evidenceText([first, ...others]: readonly DoctorItem[]): string {
  if (others.every(({ evidence }) => evidence === first.evidence)) return first.evidence;
  return `${first.evidence}; ${others.length === 1 ? 'the other is' : 'the others are'} alike`;
}

/** Returns what each side offered in its OPEN; empty if no OPEN was exchanged. */
export function opensText({ name, capabilities: { sent, received } }: PeerView): string {
  if (sent.length + received.length === 0) return `${name}: no OPEN messages were exchanged\n`;
  return `${name}: OPEN messages\n  sent:     ${capabilitiesText(sent)}\n  received: ${capabilitiesText(received)}\n`;
}

function capabilitiesText(capabilities: PeerView['capabilities']['sent']): string {
  return capabilities.map(capabilityText).join(', ') || 'no capabilities';
}
