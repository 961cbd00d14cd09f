import type { ErrorView, PeerView } from '#api/views/peer.ts';
import type { PeerConfig } from '#config/config.ts';
import { formatAddress } from '#text/address.ts';
import { familyNames } from '#wire/constants.ts';
import type { Diagnosis, PeerFacts, PeerFinding } from '../facts.ts';

/** Why a session does not come up, or does not stay. */
export const sessionFindings: readonly PeerFinding[] = [
  {
    code: 'wrong_peer_as',
    severity: 'error',
    find: ({ config, view }) =>
      ended(view, 2, 2, 'sent', ({ text }) => ({
        text: 'the AS of the peer differs from the configuration',
        evidence: text,
        ours: `peer_as is ${asText(config)}; write the AS that the peer sent`,
        theirs: `its own AS must be ${asText(config)}`,
      })),
  },
  {
    code: 'wrong_local_as',
    severity: 'error',
    find: ({ view }) =>
      ended(view, 2, 2, 'received', ({ text }) => ({
        text: 'the peer expects a different AS for this route server',
        evidence: text,
        ours: `local_as is ${view.local_as}`,
        theirs: `its remote AS for this neighbour must be ${view.local_as}`,
      })),
  },
  {
    code: 'no_common_family',
    severity: 'error',
    find: ({ config, view }) =>
      ended(view, 2, 7, undefined, ({ text }) => ({
        text: 'the peer and this side have no address family in common',
        evidence: text,
        ours: `families is ${config.families.map((family) => familyNames[family]).join(', ')}`,
        theirs: 'activate one of these families for this neighbour',
      })),
  },
  {
    code: 'hold_time_refused',
    severity: 'error',
    find: ({ config, view }) =>
      ended(view, 2, 6, undefined, ({ text, direction }) => ({
        text: `the hold time is not acceptable to ${direction === 'sent' ? 'this route server' : 'the peer'}`,
        evidence: text,
        ours: `hold_time is ${config.holdTimeSec}, min_hold_time ${config.minHoldTimeSec}`,
        theirs: `a hold time of at least ${config.minHoldTimeSec} s`,
      })),
  },
  {
    code: 'same_router_id',
    severity: 'error',
    find: ({ view }) =>
      ended(view, 2, 3, undefined, ({ text }) => ({
        text: 'the BGP identifier is the same on both sides, or 0',
        evidence: text,
        ours: 'router_id must be unique',
        theirs: 'a router id of its own',
      })),
  },
  {
    code: 'role_mismatch',
    severity: 'error',
    find: ({ config, view }) =>
      ended(view, 2, 11, undefined, ({ text }) => ({
        text: 'the BGP roles do not fit together (RFC 9234)',
        evidence: text,
        ours: `role is ${config.role ?? 'not set'}; role_strict requires one from the peer`,
        theirs: 'the role that matches ours, such as rs_client toward rs',
      })),
  },
  {
    code: 'connections_refused_by_us',
    severity: 'warning',
    find: ({ view, hints }) => {
      const hint = hints.find(({ kind }) => kind === 'refusal');
      if (hint === undefined) return undefined;
      return {
        text: 'connections of the peer are refused because of an earlier error, even if it has been fixed since',
        evidence: hint.text,
        ours: `fingerpost reset ${view.name}`,
      };
    },
  },
  {
    code: 'dial_refused',
    severity: 'error',
    find: ({ config, view, dialFailure = '' }) => {
      if (isUp(view) || !/refused/i.test(dialFailure)) return undefined;
      return {
        text: 'the peer does not listen at the address and port that we dial',
        evidence: `${view.address} port ${view.port}: ${dialFailure}`,
        ours: 'passive: true if the peer never listens (ExaBGP), otherwise check address and port',
        theirs: `listen on port ${config.port} and allow this route server as a neighbour`,
      };
    },
  },
  {
    code: 'cannot_dial',
    severity: 'error',
    find: ({ config, view, dialFailure = '' }) => {
      const fault = localFaults.find(({ text }) => text.test(dialFailure));
      if (isUp(view) || fault === undefined) return undefined;
      return {
        text: fault.what,
        evidence: `${view.address}: ${dialFailure}`,
        ours: fault.ours(config),
      };
    },
  },
  {
    code: 'no_answer',
    severity: 'error',
    find: ({ config, view, dialFailure = '' }) => {
      if (isUp(view) || dialFailure === '' || /refused/i.test(dialFailure)) return undefined;
      if (localFaults.some(({ text }) => text.test(dialFailure))) return undefined;
      const key =
        config.password === undefined
          ? 'password, if the peer uses an MD5 key'
          : 'password: a wrong MD5 key is answered with silence';
      return {
        text: 'the peer does not answer: a route, a firewall, the TTL or the MD5 key',
        evidence: `${view.address}: ${dialFailure}`,
        ours: `${key}; multihop, if a router is in between (now ${ttlText(config)})`,
        theirs: 'the same MD5 key or none, and a TTL that reaches here',
      };
    },
  },
  {
    code: 'md5_missing_here',
    severity: 'warning',
    find: (peer) => silence(peer, false, 'the peer may use an MD5 key and this side has none'),
  },
  {
    code: 'md5_differs',
    severity: 'warning',
    find: (peer) => silence(peer, true, 'the MD5 keys may differ, or the peer has none'),
  },
  {
    code: 'gtsm_suspected',
    severity: 'warning',
    find: ({ config, view, dialFailure }) => {
      // After a handshake with the right TTL, no other packet may pass: the answer to our OPEN is awaited then.
      const isCut = dialFailure !== undefined || config.passive || view.state === 'open_sent';
      if (isUp(view) || !config.gtsm || !isCut) return undefined;
      return {
        text: 'packets of the peer may be dropped because their TTL is too low (gtsm)',
        evidence: `gtsm requires a TTL of at least ${256 - (config.multihop ?? 1)} and the session is not up`,
        ours: `gtsm: false, or multihop set to the number of hops (now ${config.multihop ?? 1})`,
        theirs: 'send TTL 255 (`ttl security on`, `ttl-security hops`)',
      };
    },
  },
  {
    code: 'held_by_limit',
    severity: 'error',
    find: ({ view: { held, name, last_error: error } }) =>
      held && {
        text: `a limit ended the session and keeps the peer out: ${held.by}`,
        evidence:
          error?.text ??
          `held ${held.until === undefined ? 'until it is reset' : `until ${held.until}`}`,
        ours: `raise the limit and reload, or fingerpost reset ${name}`,
        theirs: 'announce no more than was agreed',
      },
  },
  {
    code: 'disabled',
    severity: 'info',
    find: ({ view: { disabled, enabled, name } }) =>
      enabled
        ? undefined
        : {
            text: 'the peer is disabled',
            evidence:
              disabled === undefined ? 'enabled: false' : `by an operator, since ${disabled.since}`,
            ours: disabled === undefined ? 'enabled: true' : `fingerpost enable ${name}`,
          },
  },
];

/** A reason why a connection attempt never leaves this machine. */
interface LocalFault {
  /** Matches the text of the failure. */
  readonly text: RegExp;
  readonly what: string;
  /** Returns what to change on our side. */
  readonly ours: (config: PeerConfig) => string;
}

const localFaults: readonly LocalFault[] = [
  {
    text: /^bind: /,
    what: 'the peer cannot be dialled from the address that is configured',
    ours: ({ localAddress }) =>
      `local_address must be an address of this machine${localAddress === undefined ? '' : `, which ${formatAddress(localAddress)} is not`}`,
  },
  {
    text: /^interface /,
    what: 'the interface of the peer does not exist on this machine',
    ours: () => 'interface, or the name after % in address, must be one that `ip link` shows',
  },
  {
    text: /^network unreachable/,
    what: 'this machine has no route to the peer',
    ours: ({ addressText }) => `address, or a route: see \`ip route get ${addressText}\``,
  },
];

function isUp({ state }: PeerView): boolean {
  return state === 'established';
}

/**
 * Returns the last end of a session of this kind if no session has come up since; `direction` undefined matches both
 * sides.
 */
function ended(
  view: PeerView,
  code: number,
  subcode: number,
  direction: 'sent' | 'received' | undefined,
  diagnose: (error: ErrorView) => Diagnosis,
): Diagnosis | undefined {
  const { last_error: error } = view;
  if (isUp(view) || error?.code !== code || error.subcode !== subcode) return undefined;
  if (direction !== undefined && error.direction !== direction) return undefined;
  return diagnose(error);
}

function asText({ peerAs }: PeerConfig): string {
  return peerAs.kind === 'any' ? 'any but our own' : peerAs.asns.join(' or ');
}

function ttlText({ multihop }: PeerConfig): string {
  return multihop === undefined ? 'not set' : String(multihop);
}

function silence(peer: PeerFacts, hasKey: boolean, text: string): Diagnosis | undefined {
  const hint = peer.hints.find(({ kind }) => kind === 'silence');
  if (hint === undefined || (peer.config.password !== undefined) !== hasKey) return undefined;
  return {
    text,
    evidence: hint.text,
    ours: hasKey ? 'password must be the key of the peer' : 'password, if the peer has one',
    theirs: hasKey ? 'the same key' : 'no key, or the one that is configured here',
  };
}
