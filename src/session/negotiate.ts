import { encodeCapabilities } from '#wire/capability-codec.ts';
import { type CapabilityKind, type CapabilityOf, roles } from '#wire/capability.ts';
import { families, type Family } from '#wire/constants.ts';
import { NotificationError } from '#wire/notification.ts';
import type { Open } from '#wire/open.ts';
import type { DecodeContext } from '#wire/update.ts';
import { buildOpen } from './our-open.ts';
import type { Role, SessionSettings } from './settings.ts';

/** What the two OPENs agreed on. The lists are indexed by `Family`. */
export interface Negotiated {
  readonly peerAs: number;
  /** BGP Identifier, unsigned 32 bits. */
  readonly peerRouterId: number;
  readonly holdTimeSec: number;
  readonly keepaliveSec: number;
  /** 2 when the peer lacks the 4-octet AS capability (RFC 6793). */
  readonly asnBytes: 2 | 4;
  readonly families: readonly boolean[];
  readonly addPathReceive: readonly boolean[];
  readonly addPathSend: readonly boolean[];
  readonly extendedNextHop: readonly boolean[];
  /**
   * The peer may send messages of up to 65535 bytes, because we offered it, whatever the peer offered (RFC 8654
   * §6).
   */
  readonly extendedMessageReceive: boolean;
  /** We may send messages of up to 65535 bytes, because both ends offered it (RFC 8654 §4). */
  readonly extendedMessage: boolean;
  /** The peer supports ROUTE-REFRESH (RFC 2918). */
  readonly routeRefresh: boolean;
  readonly enhancedRouteRefresh: boolean;
  /** The peer's capability, if both sent it (RFC 4724 §3). */
  readonly gracefulRestart?: CapabilityOf<'gracefulRestart'>;
  /** The peer's capability, if both sent it (RFC 9494 §3). */
  readonly longLived?: CapabilityOf<'longLivedGracefulRestart'>;
  /** The peer's role (RFC 9234); ours is in the settings. */
  readonly peerRole?: Role;
  readonly sentOpen: Open;
  readonly receivedOpen: Open;
  /** The part of this that UpdateDecoder needs. */
  readonly decode: DecodeContext;
}

/**
 * Returns whether the peer's OPEN and the one that we would send under other settings give the session that is up: the
 * same timers, families and path identifiers, with a peer that is still acceptable.
 */
export function suits(settings: SessionSettings, negotiated: Negotiated): boolean {
  try {
    const other = negotiate(settings, buildOpen(settings), negotiated.receivedOpen);
    return felt.every((key) => String(other[key]) === String(negotiated[key]));
  } catch (error) {
    if (error instanceof NotificationError) return false;
    throw error;
  }
}

/** What a session does otherwise if it changes. */
const felt = [
  'holdTimeSec',
  'keepaliveSec',
  'families',
  'addPathReceive',
  'addPathSend',
] as const satisfies readonly (keyof Negotiated)[];

/**
 * Negotiates a session from our OPEN and the peer's. Throws NotificationError 2/x if the peer's OPEN is not
 * acceptable (RFC 4271 §6.2).
 */
export function negotiate(settings: SessionSettings, sent: Open, received: Open): Negotiated {
  const peerAs = acceptPeerAs(settings, received);
  checkIdentifier(settings, received, peerAs);
  const holdTimeSec = acceptHoldTime(settings, sent, received);
  const peerRole = acceptRole(settings, received);
  const accepted = acceptFamilies(settings, sent, received);
  const both = (kind: CapabilityKind) => has(sent, kind) && has(received, kind);
  const asnBytes = both('as4') ? 4 : 2;
  const addPathReceive = families.map(({ family }) => isAddPath(sent, received, family));
  const extendedNextHop = families.map(
    ({ family }) => takesNextHop(sent, family) && takesNextHop(received, family),
  );
  const gracefulRestart = find(received, 'gracefulRestart');
  const longLived = find(received, 'longLivedGracefulRestart');
  return {
    peerAs,
    peerRouterId: received.routerId,
    holdTimeSec,
    keepaliveSec: keepaliveOf(settings, holdTimeSec),
    asnBytes,
    families: accepted,
    addPathReceive,
    addPathSend: families.map(({ family }) => isAddPath(received, sent, family)),
    extendedNextHop,
    extendedMessageReceive: has(sent, 'extendedMessage'),
    extendedMessage: both('extendedMessage'),
    routeRefresh: both('routeRefresh'),
    enhancedRouteRefresh: both('enhancedRouteRefresh'),
    ...(gracefulRestart !== undefined && both('gracefulRestart') && { gracefulRestart }),
    ...(longLived !== undefined && both('longLivedGracefulRestart') && { longLived }),
    ...(peerRole !== undefined && { peerRole }),
    sentOpen: sent,
    receivedOpen: received,
    decode: { asnBytes, families: accepted, addPath: addPathReceive, extendedNextHop },
  };
}

function acceptPeerAs(settings: SessionSettings, { asn }: Open): number {
  if (asn !== 0 && isExpected(settings, asn)) return asn;
  throw new NotificationError('badPeerAs', undefined, `the peer sent AS ${asn}`);
}

/** `any` does not include our own AS: iBGP must be configured explicitly. */
function isExpected({ peerAs, localAs }: SessionSettings, asn: number): boolean {
  return peerAs.kind === 'any' ? asn !== localAs : peerAs.asns.includes(asn);
}

/**
 * RFC 6286 §2.2: the identifier is not zero and, within one AS, differs from ours; two eBGP peers may share
 * one.
 */
function checkIdentifier(settings: SessionSettings, received: Open, peerAs: number): void {
  const isOurs = received.routerId === settings.routerId && peerAs === settings.localAs;
  if (received.routerId !== 0 && !isOurs) return;
  throw new NotificationError('badBgpIdentifier');
}

/**
 * "MUST reject Hold Time values of one or two seconds". 0 is accepted only if it was configured: without a hold
 * time, the routes of a dead node would stay.
 */
function acceptHoldTime(settings: SessionSettings, sent: Open, received: Open): number {
  const offered = received.holdTimeSec;
  const isZeroWelcome = sent.holdTimeSec === 0 || settings.minHoldTimeSec === 0;
  const isAccepted =
    offered === 0 ? isZeroWelcome : offered >= 3 && offered >= settings.minHoldTimeSec;
  if (isAccepted) return Math.min(sent.holdTimeSec, offered);
  throw new NotificationError('unacceptableHoldTime', undefined, `the peer offered ${offered} s`);
}

/**
 * "A reasonable maximum time between KEEPALIVE messages would be one third of the Hold Time interval" (RFC 4271 §4.4).
 */
function keepaliveOf(settings: SessionSettings, holdTimeSec: number): number {
  const third = Math.floor(holdTimeSec / 3);
  return Math.min(settings.keepaliveSec ?? third, third);
}

/** A peer that sends no Multiprotocol capability at all uses IPv4 unicast (RFC 4760 §8, RFC 4271). */
function acceptFamilies(settings: SessionSettings, sent: Open, received: Open): boolean[] {
  const isOldSpeaker = !has(received, 'multiprotocol');
  const accepted = families.map(
    ({ family, afi }) =>
      settings.families.includes(family) && (isOldSpeaker ? afi === 1 : offers(received, family)),
  );
  if (accepted.includes(true)) return accepted;
  // RFC 5492 §5: the data lists the capabilities that we require.
  const wanted = sent.capabilities.filter(({ kind }) => kind === 'multiprotocol');
  throw new NotificationError(
    'unsupportedCapability',
    encodeCapabilities(wanted),
    'no address family in common',
  );
}

function offers(open: Open, family: Family): boolean {
  const { afi, safi } = families[family];
  return open.capabilities.some(
    (capability) =>
      capability.kind === 'multiprotocol' && capability.afi === afi && capability.safi === safi,
  );
}

const counterpart: Readonly<Record<Role, Role>> = {
  provider: 'customer',
  customer: 'provider',
  rs: 'rs_client',
  rs_client: 'rs',
  peer: 'peer',
};

/**
 * RFC 9234 §4.2. A peer without the capability is accepted, since few implementations have it, unless strict mode is
 * configured.
 */
function acceptRole(settings: SessionSettings, received: Open): Role | undefined {
  const capabilities = received.capabilities.filter((capability) => capability.kind === 'role');
  if (capabilities.length === 0) {
    if (settings.role === undefined || settings.isRoleStrict !== true) return undefined;
    const text = `the peer sent no role, and role_strict requires one for our role ${settings.role}`;
    throw new NotificationError('roleMismatch', undefined, text);
  }
  const { value } = capabilities[0];
  const peerRole = roles.at(value);
  const isOne = capabilities.every((capability) => capability.value === value);
  if (settings.role === undefined) return isOne ? peerRole : undefined;
  if (isOne && peerRole === counterpart[settings.role]) return peerRole;
  throw new NotificationError(
    'roleMismatch',
    undefined,
    `the peer has the role ${peerRole ?? value}, which does not match our role ${settings.role}`,
  );
}

/**
 * Path identifiers are sent from `sender` to `receiver` if one can send and the other can receive them (RFC
 * 7911 §4).
 */
function isAddPath(receiver: Open, sender: Open, family: Family): boolean {
  return hasAddPath(receiver, family, 'receive') && hasAddPath(sender, family, 'send');
}

function hasAddPath(open: Open, family: Family, mode: 'receive' | 'send'): boolean {
  const { afi, safi } = families[family];
  return (find(open, 'addPath')?.families ?? []).some(
    (entry) =>
      entry.afi === afi && entry.safi === safi && (entry.mode === mode || entry.mode === 'both'),
  );
}

/** IPv4 with an IPv6 next hop is the only pair of RFC 8950 §4 that is supported. */
function takesNextHop(open: Open, family: Family): boolean {
  const { afi, safi } = families[family];
  return (find(open, 'extendedNextHop')?.tuples ?? []).some(
    (tuple) => tuple.afi === afi && tuple.safi === safi && tuple.nextHopAfi === 2 && afi === 1,
  );
}

function has(open: Open, kind: CapabilityKind): boolean {
  return open.capabilities.some((capability) => capability.kind === kind);
}

/** Returns the first capability of its kind. */
function find<Kind extends CapabilityKind>(open: Open, kind: Kind): CapabilityOf<Kind> | undefined {
  return open.capabilities.find(
    (capability): capability is CapabilityOf<Kind> => capability.kind === kind,
  );
}
