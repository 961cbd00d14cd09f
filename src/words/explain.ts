import type { CandidateView, ExplainView, ExportView } from '#api/views/explain.ts';
import type { RuleView } from '#api/views/path.ts';
import type { VrpView } from '#api/views/rpki.ts';
import type { ExportReason, RejectReason } from '#policy/reasons.ts';
import { timeText } from './text.ts';
import { causeText } from './trouble.ts';

/** One remark about a candidate; `kind` is its meaning. */
interface CandidateText {
  readonly kind: 'rejected' | 'condition' | 'best' | 'drained' | 'lost' | 'validity';
  readonly text: string;
}

/** Returns who served an address that is dark, until when, and why it ended; `undefined` for any other. */
export function lastServedText({ last_served: last }: ExplainView): string | undefined {
  if (last === undefined) return undefined;
  const by = last.node === undefined ? '' : ` by ${last.node}`;
  const why = last.cause === undefined ? '' : ` (${causeText(last.cause)})`;
  return `last served${by} until ${timeText(last.until)} UTC${why}`;
}

/** Returns why a candidate is best, lost or was rejected, and what would change that. */
export function candidateTexts(candidate: CandidateView): CandidateText[] {
  return [...standingTexts(candidate), ...validityTexts(candidate)];
}

function validityTexts({ rpki, aspa }: CandidateView): CandidateText[] {
  return [
    ...(rpki === undefined ? [] : [{ kind: 'validity', text: `rpki: ${rpki}` } as const]),
    ...(aspa === undefined ? [] : [{ kind: 'validity', text: `aspa: ${aspa}` } as const]),
  ];
}

function standingTexts(candidate: CandidateView): CandidateText[] {
  if (!candidate.accepted) return rejectedTexts(candidate);
  if (candidate.best) return [{ kind: 'best', text: 'best' }, ...keptTexts(candidate)];
  const { lost_at: step, ours, winners, would_win_if: condition, drained } = candidate;
  const lost =
    step === undefined
      ? 'not best'
      : `lost at ${step}: ${ours ?? 'none'} against ${winners ?? 'none'}`;
  return [
    ...(drained === true ? [{ kind: 'drained', text: 'drained' } as const] : []),
    { kind: 'lost', text: lost },
    ...(condition === undefined
      ? []
      : [{ kind: 'condition', text: `wins if ${condition}` } as const]),
  ];
}

function keptTexts({ kept_until: until }: CandidateView): CandidateText[] {
  if (until === undefined) return [];
  return [
    {
      kind: 'drained',
      text: `withdrawn by its node; kept as the last path of the address until ${timeText(until)} UTC`,
    },
  ];
}

function rejectedTexts(candidate: CandidateView): CandidateText[] {
  const { reason = 'unknown', pattern = '', would_be_accepted_if: condition } = candidate;
  return [
    { kind: 'rejected', text: `rejected: ${reason}` },
    ...(condition === undefined
      ? []
      : [{ kind: 'condition', text: `accepted if ${condition}: ${pattern}` } as const]),
  ];
}

/** Returns the VRPs that cover the prefix, in words; `undefined` where validation is not configured. */
export function vrpsText(vrps: readonly VrpView[] | undefined): string | undefined {
  if (vrps === undefined) return undefined;
  if (vrps.length === 0) return 'No VRP covers it.';
  const texts = vrps.map(
    ({ prefix, max_length: most, asn }) =>
      `${prefix}${prefix.endsWith(`/${most}`) ? '' : ` up to /${most}`} for AS${asn}`,
  );
  return `VRPs that cover it: ${texts.join(', ')}.`;
}

/** Returns the stable word for why a client is or is not sent a path, and what it means. */
export function exportText(reason: string): string {
  const meaning = exportMeanings.get(reason);
  return meaning === undefined ? reason : `${reason}: ${meaning}`;
}

/** Returns the stable word for why a route was refused, and what it means. */
export function rejectText(reason: string): string {
  const [kind, detail] = reason.split(':');
  if (kind === 'malformed') return `${reason}: its ${detail} is malformed (RFC 7606)`;
  const meaning = rejectMeanings.get(kind);
  return meaning === undefined ? reason : `${reason}: ${meaning}`;
}

/**
 * Returns a text for each path that a client is not sent though it is better, and one for those that are not listed.
 */
export function withheldTexts({
  withheld = [],
  withheld_not_listed: more,
}: Pick<ExportView, 'withheld' | 'withheld_not_listed'>): string[] {
  const listed = withheld.map(
    ({ peer, reason = 'withheld' }) => `not ${peer}: ${exportText(reason)}`,
  );
  return more === undefined ? listed : [...listed, `nor ${more} more`];
}

/** Returns how many refused paths an explanation leaves out; undefined if it lists all of them. */
export function notListedText({ refused_not_listed: more }: ExplainView): string | undefined {
  if (more === undefined) return undefined;
  const paths = more === 1 ? '1 more refused path is' : `${more} more refused paths are`;
  return `${paths} not listed; 'fingerpost show route filtered' lists all of them`;
}

const rejectMeanings = new Map(
  Object.entries({
    as_loop: 'our own AS is in its AS_PATH',
    as_set: 'its AS_PATH has an AS_SET (RFC 9774)',
    first_as: 'its AS_PATH does not begin with the AS of the peer',
    next_hop_invalid: 'its next hop cannot be the address of a host',
    next_hop_foreign: 'its next hop is not the peer itself',
    missing_med: 'it has no MED',
    otc_leak: 'the BGP roles forbid it (RFC 9234)',
    no_policy: 'import is none',
    rpki_invalid: 'its origin AS is not authorized (RFC 6811)',
    aspa_invalid: 'its AS_PATH is not authorized (ASPA)',
    policy: 'an import rule rejects it',
    prefix_length: 'an import rule accepts its network, but in other lengths',
    prefix_not_allowed: 'no import rule matches it',
    limit_paths: 'the peer announces too many paths to one prefix',
    limit_blocked: 'the limit of the peer is reached',
  } satisfies Record<Exclude<RejectReason, `malformed:${string}`>, string>),
);

const exportMeanings = new Map(
  Object.entries({
    peer_down: 'the session is down',
    no_policy: 'export is none',
    no_export: 'a well-known community such as NO_EXPORT forbids it',
    no_blackhole:
      'a rule makes it a blackhole, but the peer does not have blackhole: true, or the rule has no address of this family',
    policy: 'an export rule rejects it',
    prefix_not_allowed: 'no export rule matches it',
    next_hop_unusable: 'the peer could not use the next hop',
    too_long: 'its attributes do not fit into a message of this session (RFC 8654)',
    stale: 'long-lived stale, and the peer did not announce capability 71 (RFC 9494)',
    family_not_negotiated: 'the session did not negotiate this address family',
    no_path: 'no path is accepted',
    own_route: 'the peer announced the path itself',
    own_next_hop: 'the peer itself is the next hop',
    otc_leak: 'the BGP roles forbid it (RFC 9234)',
    not_best: 'a better path is sent',
  } satisfies Record<Exclude<ExportReason, 'sent'> | 'peer_down', string>),
);

/** Returns where a rule stands: `only_loopbacks "service loopbacks", rs9.yaml:17`. */
export function ruleText({ policy, name, file, line }: RuleView): string {
  return `${policy}${name === undefined ? '' : ` "${name}"`}, ${file}:${line}`;
}
