import { type DoctorItem, severities } from '#api/doctor.ts';
import { warningsOf } from '#config/resolve/warnings.ts';
import type { PeerFacts, PeerFinding, SiteFacts, SiteFinding } from './facts.ts';
import { openFindings } from './findings/open-findings.ts';
import { routeFindings } from './findings/route-findings.ts';
import { sessionFindings } from './findings/session-findings.ts';
import { siteFindings } from './findings/site-findings.ts';

export const peerFindings: readonly PeerFinding[] = [
  ...sessionFindings,
  ...openFindings,
  ...routeFindings,
];

/** Returns what is wrong with this peer, in the order of the table. */
export function diagnosePeer(peer: PeerFacts, site: SiteFacts): DoctorItem[] {
  return peerFindings.flatMap(({ code, severity, find }) => {
    const found = find(peer, site);
    return found === undefined ? [] : [{ severity, code, peer: peer.view.name, ...found }];
  });
}

/** Returns what is wrong between peers and in the configuration; the latter in the words of `check`. */
export function diagnoseSite(site: SiteFacts, networks: readonly string[]): DoctorItem[] {
  const found = siteFindings.flatMap((finding) => itemsOf(finding, site));
  const rpki = site.rpki.map(({ severity, code, text, evidence }): DoctorItem => ({
    severity,
    code,
    text,
    evidence,
  }));
  const warnings = warningsOf(site.config, networks).map(({ file, line, message }): DoctorItem => ({
    severity: 'warning',
    code: 'configuration',
    text: message,
    evidence: `${file}:${line}`,
  }));
  return [...found, ...rpki, ...warnings];
}

function itemsOf({ code, severity, find }: SiteFinding, site: SiteFacts): DoctorItem[] {
  return find(site).map((found) => ({ severity, code, ...found }));
}

/** Sorts errors first; otherwise the order is kept. */
export function bySeverity(items: readonly DoctorItem[]): DoctorItem[] {
  return severities.flatMap((severity) => items.filter((item) => item.severity === severity));
}
