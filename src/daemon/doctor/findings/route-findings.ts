import type { PathView } from '#api/views/path.ts';
import type { Diagnosis, PeerFacts, PeerFinding } from '../facts.ts';

const noExport = '65535:65281';

/** What happens to the routes of a peer. */
export const routeFindings: readonly PeerFinding[] = [
  {
    code: 'first_as',
    severity: 'error',
    find: refusedFor(['first_as'], (path) => ({
      text: 'routes are refused because their first AS is not that of the peer',
      evidence: `${path.prefix}: AS path ${path.as_path.join(' ') || '(empty)'}`,
      ours: 'enforce_first_as: false, if the peer is a route server itself',
      theirs: 'prepend its own AS (no `as-path exclude`, no `rs client` toward this route server)',
    })),
  },
  {
    code: 'link_local_next_hop',
    severity: 'error',
    find: refusedFor(
      ['next_hop_foreign', 'next_hop_invalid'],
      (path) => ({
        text: 'routes are refused because their next hop is a link-local address, which other routers cannot use',
        evidence: `${path.prefix}: next hop ${path.next_hop}`,
        ours: 'none: a link-local next hop cannot be passed on',
        theirs: 'set a global next hop (BIRD `next hop address`, FRR `set ipv6 next-hop global`)',
      }),
      (path) => isLinkLocalText(path.next_hop),
    ),
  },
  {
    code: 'foreign_next_hop',
    severity: 'error',
    find: refusedFor(
      ['next_hop_foreign'],
      (path, { view }) => ({
        text: 'routes are refused because their next hop is not an address of the peer',
        evidence: `${path.prefix}: next hop ${path.next_hop}, the peer is ${view.address}`,
        ours: 'accept_next_hop with a list of prefixes, or next_hops with the addresses of the node',
        theirs: 'next hop self',
      }),
      (path) => !isLinkLocalText(path.next_hop),
    ),
  },
  {
    code: 'missing_med_refused',
    severity: 'error',
    find: refusedFor(['missing_med'], (path) => ({
      text: 'routes are refused because they have no MED',
      evidence: path.prefix,
      ours: 'med: { missing: zero }, or a number',
      theirs: 'announce with a MED',
    })),
  },
  {
    code: 'no_import_policy',
    severity: 'error',
    find: refusedFor(['no_policy'], (path) => ({
      text: 'routes are refused because no import policy is configured (RFC 8212)',
      evidence: path.prefix,
      ours: 'import: a policy, or all',
      theirs: 'announce nothing here, if it only receives routes',
    })),
  },
  {
    code: 'all_refused',
    severity: 'error',
    find: ({ view, rejected: [path] }) => {
      const { received, accepted } = view.prefixes;
      if (received === 0 || accepted > 0 || path?.reason === undefined) return undefined;
      return {
        text: 'every route of the peer is refused',
        evidence: `${received} received, 0 accepted; ${path.prefix}: ${path.reason}`,
        ours: `show route filtered ${view.name} has the reasons; the import policy is ${view.import}`,
        theirs: 'announce what the policy accepts',
      };
    },
  },
  {
    code: 'announces_nothing',
    severity: 'warning',
    find: ({ view }) =>
      view.state === 'established' && view.kind === 'source' && view.prefixes.received === 0
        ? {
            text: 'the session is up, but no route has arrived',
            evidence: `up for ${view.uptime_s} s, 0 prefixes received`,
            ours: `fingerpost refresh ${view.name} in`,
            theirs: 'an export policy (RFC 8212), and a health check that has found the service up',
          }
        : undefined,
  },
  {
    code: 'missing_med',
    severity: 'warning',
    find: ({ config, view, accepted }) => {
      const path = accepted.find(({ med }) => med === undefined);
      if (path === undefined || config.missingMed !== 'zero' || view.kind !== 'source')
        return undefined;
      return {
        text: 'a route without MED counts as MED 0, which is better than all others',
        evidence: path.prefix,
        ours: 'med: { missing: reject }, or a number',
        theirs: 'announce with a MED',
      };
    },
  },
  {
    code: 'no_export',
    severity: 'warning',
    find: ({ config, accepted }, { hasObserver }) => {
      const path = accepted.find(({ communities }) => communities.includes(noExport));
      if (path === undefined || config.communities !== 'pass' || !hasObserver) return undefined;
      return {
        text: 'NO_EXPORT is passed on here, and a BIRD sibling keeps such a route to itself',
        evidence: `${path.prefix}: community ${noExport}`,
        ours: 'communities: interpret_well_known does what BIRD does',
        theirs: 'announce without NO_EXPORT, or `interpret communities off` at BIRD',
      };
    },
  },
  {
    code: 'malformed_updates',
    severity: 'warning',
    find: ({ view }) => {
      const error = view.update_errors?.at(-1);
      return (
        error && {
          text: 'the peer sent UPDATE messages that are malformed',
          evidence: `${error.attribute}: ${error.text} (${error.outcome}, ${error.count} in a row)`,
          theirs: 'a bug or a middlebox: the bytes are in `show peer`',
        }
      );
    },
  },
  {
    code: 'next_hop_not_usable_by_client',
    severity: 'error',
    find: ({ view, withheld }) => {
      const path = withheld.find(({ reason }) => reason === 'next_hop_unusable');
      return (
        path && {
          text: 'the router cannot use the next hop of some routes, which it is therefore not sent',
          evidence: `${path.prefix}: next hop ${path.next_hop}`,
          ours: `families of ${view.name}, or a session over the address family of the next hops`,
          theirs: 'extended next hop encoding (RFC 8950)',
        }
      );
    },
  },
];

type Diagnose = (path: PathView, peer: PeerFacts) => Diagnosis;

function refusedFor(
  reasons: readonly string[],
  diagnose: Diagnose,
  isMeant: (path: PathView) => boolean = () => true,
): PeerFinding['find'] {
  return (peer) => {
    const path = peer.rejected.find(
      (one) => one.reason !== undefined && reasons.includes(one.reason) && isMeant(one),
    );
    return path === undefined ? undefined : diagnose(path, peer);
  };
}

function isLinkLocalText(address: string): boolean {
  return /^fe[89ab]/i.test(address);
}
