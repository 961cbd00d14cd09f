import { families, type FamilyName } from '#wire/constants.ts';
import type { PeerFinding } from '../facts.ts';

/** Results of the two OPENs that were probably not intended. */
export const openFindings: readonly PeerFinding[] = [
  {
    code: 'family_not_negotiated',
    severity: 'warning',
    find: ({ config, view }) => {
      if (view.state !== 'established') return undefined;
      const wanted = configuredFamilies(config.families);
      const missing = wanted.filter((family) => !view.families.includes(family));
      if (missing.length === 0 || wanted.length === families.length) return undefined;
      return {
        text: `the peer did not offer ${missing.join(', ')}`,
        evidence: `configured: ${wanted.join(', ')}; negotiated: ${view.families.join(', ') || 'none'}`,
        ours: `families without ${missing.join(', ')}, if they are not intended`,
        theirs: `activate ${missing.join(', ')} for this neighbour`,
      };
    },
  },
  {
    code: 'family_disabled',
    severity: 'error',
    find: ({ view }) => {
      const [first] = view.disabled_families ?? [];
      return (
        first && {
          text: `routes of ${first.family} are ignored until the session is reset`,
          evidence: first.text,
          ours: `fingerpost reset ${view.name}, once the peer is repaired`,
          theirs: 'see the evidence',
        }
      );
    },
  },
  {
    code: 'hold_time_zero',
    severity: 'warning',
    find: ({ view }) =>
      view.hold_time_s === 0
        ? {
            text: 'a peer that dies without closing its session is never noticed',
            evidence: 'the negotiated hold time is 0',
            ours: 'hold_time and min_hold_time of at least 3',
            theirs: 'a hold time of at least 3 s',
          }
        : undefined,
  },
  {
    code: 'client_hold_time_longer',
    severity: 'warning',
    find: ({ view }, { longestSourceHoldTimeSec: longest }) => {
      const own = view.hold_time_s ?? 0;
      if (view.kind !== 'client' || longest === undefined || own <= longest) return undefined;
      return {
        text: 'when this route server dies, the router keeps its routes for longer than this server keeps those of a dead node',
        evidence: `hold time ${own} s, and at most ${longest} s with nodes`,
        ours: `hold_time: ${longest} for this peer`,
        theirs: `a hold time of ${longest} s`,
      };
    },
  },
  {
    code: 'bfd_not_up',
    severity: 'warning',
    find: ({ hints }) => {
      const hint = hints.find(({ kind }) => kind === 'bfd');
      return (
        hint && {
          text: 'BFD is configured here and is not up, so a failure is noticed by the hold timer',
          evidence: hint.text,
          ours: 'bfd: false if the peer has no BFD; the same multihop as at the peer',
          theirs: 'enable BFD for this neighbour, and let UDP port 3784 (multihop: 4784) through',
        }
      );
    },
  },
  {
    code: 'early_end_of_rib',
    severity: 'warning',
    find: ({ config, view, earlyEndOfRib }) => {
      if (earlyEndOfRib.length === 0 || view.prefixes.received === 0) return undefined;
      const isKept = config.gracefulRestart.kind === 'families' && config.gracefulRestart.helper;
      return {
        text: 'End-of-RIB came before the routes, so whoever waits for it continues too early',
        evidence: `${earlyEndOfRib.join(', ')}: End-of-RIB with no route, then ${view.prefixes.received} prefixes`,
        ours: isKept
          ? 'graceful_restart with eor_grace, so that kept routes are not dropped at once'
          : 'start_gate with eor_grace waits for such peers',
        theirs: 'ExaBGP: announce by static routes, or accept that eor_grace is needed',
      };
    },
  },
];

function configuredFamilies(configured: readonly number[]): FamilyName[] {
  return families.filter(({ family }) => configured.includes(family)).map(({ name }) => name);
}
