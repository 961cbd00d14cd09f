import type { ConfigProblem } from '#api/problem.ts';
import { type DoctorItem, severities } from '#api/views/doctor.ts';
import { warningLists } from '#config/warnings.ts';
import type { PeerFacts, PeerFinding, SiteFacts, SiteFinding, Surroundings } from './facts.ts';
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
export function diagnosePeer(peer: PeerFacts, around: Surroundings): DoctorItem[] {
  return peerFindings.flatMap(({ code, severity, find }) => {
    const found = find(peer, around);
    return found === undefined ? [] : [{ severity, code, peer: peer.view.name, ...found }];
  });
}

/**
 * Returns what is wrong between peers and in the configuration; the latter in the words of `check`. Yields after each
 * finding, and after each peer of the configuration.
 */
export function* diagnoseSite(
  site: SiteFacts,
  networks: readonly string[],
): Generator<void, DoctorItem[]> {
  const found: DoctorItem[] = [];
  for (const finding of siteFindings) {
    found.push(...itemsOf(finding, site));
    yield;
  }
  const rpki = site.rpki.map(({ severity, code, text, evidence }): DoctorItem => ({
    severity,
    code,
    text,
    evidence,
  }));
  const warnings: DoctorItem[] = [];
  for (const list of warningLists(site.config, networks)) {
    warnings.push(...list.map(warningItem));
    yield;
  }
  return [...found, ...rpki, ...warnings];
}

function warningItem({ file, line, message }: ConfigProblem): DoctorItem {
  return {
    severity: 'warning',
    code: 'configuration',
    text: message,
    evidence: `${file}:${line}`,
  };
}

function itemsOf({ code, severity, find }: SiteFinding, site: SiteFacts): DoctorItem[] {
  return find(site).map((found) => ({ severity, code, ...found }));
}

/** Sorts errors first; otherwise the order is kept. */
export function bySeverity(items: readonly DoctorItem[]): DoctorItem[] {
  return severities.flatMap((severity) => items.filter((item) => item.severity === severity));
}
