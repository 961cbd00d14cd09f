import type { RibView } from '#rib/view.ts';
import { parsePrefix } from '#text/prefix.ts';
import type { RunningPeers } from '../peers/running-peers.ts';
import { AddressComparison } from './address-comparison.ts';
import type { SiblingRoutes } from './sibling-routes.ts';

interface AgreementParts {
  readonly rib: RibView;
  readonly peers: RunningPeers;
  readonly siblings: SiblingRoutes;
}

/** Tells for one address at a time whether a sibling has what we have at this moment. */
export class SiblingAgreement {
  private readonly siblings: SiblingRoutes;
  private readonly comparison: AddressComparison;

  constructor(parts: AgreementParts) {
    this.siblings = parts.siblings;
    this.comparison = new AddressComparison({ ...parts, whyGone: () => undefined });
  }

  /** Returns the siblings of which everything is known. */
  heard(): string[] {
    return [...this.siblings.names()].filter((name) => this.siblings.unknown(name) === undefined);
  }

  agrees(sibling: string, prefixText: string): boolean {
    const prefix = parsePrefix(prefixText);
    const ours = this.comparison.ours(prefix);
    const theirs = this.comparison.theirs(sibling, prefix);
    return this.comparison.compare(sibling, prefix, ours, theirs).state === 'same';
  }
}
