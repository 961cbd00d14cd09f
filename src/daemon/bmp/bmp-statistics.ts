import { StatisticType } from '#bmp/constants.ts';
import type { Statistic } from '#bmp/messages.ts';
import { rejectReasons } from '#policy/reasons.ts';
import type { PeerCounts } from '#rib/rib-peer.ts';
import type { RibView } from '#rib/view.ts';
import { families, type Family } from '#wire/constants.ts';
import type { MonitoredSession } from './monitored-session.ts';

/** A peer, as far as its statistics need it. */
export interface CountedPeer {
  counts(family: Family): PeerCounts;
  readonly reports: {
    readonly statistics: { readonly updateErrors: { readonly treat_as_withdraw: number } };
  };
}

const asLoop = rejectReasons.indexOf('as_loop');
/** Reasons that a policy of the operator gives. */
const policyReasons = (
  [
    'no_policy',
    'policy',
    'prefix_length',
    'prefix_not_allowed',
    'rpki_invalid',
    'aspa_invalid',
  ] as const
).map((reason) => rejectReasons.indexOf(reason));

/** Returns the statistics of a peer: counters since the start, and how many routes there are now. */
export function statisticsOf(
  { ribId, families: negotiated }: MonitoredSession,
  peer: CountedPeer,
  view: RibView,
): Statistic[] {
  const used = families.filter(({ family }) => negotiated[family]);
  const rows = used.map(({ family, afi, safi }) => ({
    family: { afi, safi },
    counts: peer.counts(family),
    advertised: view.advertisedCount(ribId, family),
  }));
  const refusedFor = (reasons: readonly number[]): number =>
    sum(rows.map(({ counts }) => sum(reasons.map((reason) => counts.rejected[reason]))));
  return [
    counter(StatisticType.rejectedByPolicy, refusedFor(policyReasons)),
    counter(StatisticType.asPathLoops, refusedFor([asLoop])),
    counter(
      StatisticType.updatesTreatedAsWithdraw,
      peer.reports.statistics.updateErrors.treat_as_withdraw,
    ),
    gauge(StatisticType.adjRibIn, sum(rows.map(({ counts }) => counts.received))),
    gauge(StatisticType.adjRibOutPostPolicy, sum(rows.map(({ advertised }) => advertised))),
    ...rows.flatMap(({ family, counts, advertised }) => [
      gauge(StatisticType.adjRibInOfFamily, counts.received, family),
      gauge(StatisticType.adjRibOutPostPolicyOfFamily, advertised, family),
    ]),
  ];
}

/** Returns the statistics of the Loc-RIB. */
export function locRibStatistics(view: RibView): Statistic[] {
  const rows = families.map(({ family, afi, safi }) => ({
    family: { afi, safi },
    prefixes: view.families[family].prefixCount,
  }));
  return [
    gauge(StatisticType.locRib, sum(rows.map(({ prefixes }) => prefixes))),
    ...rows.map(({ family, prefixes }) => gauge(StatisticType.locRibOfFamily, prefixes, family)),
  ];
}

function counter(type: number, value: number): Statistic {
  // A counter of 32 bits begins again at 0.
  return { type, kind: 'counter', value: value >>> 0 };
}

function gauge(type: number, value: number, family?: Statistic['family']): Statistic {
  return { type, kind: 'gauge', value, ...(family !== undefined && { family }) };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
