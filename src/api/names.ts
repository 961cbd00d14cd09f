/**
 * Words that the API, the metrics, the log and the command line share. Lists of words that the core needs (families,
 * reject reasons, drop reasons, states of services) are defined there.
 */

/** The session states of RFC 4271 §8.2.2. */
export const stateNames = [
  'idle',
  'connect',
  'active',
  'open_sent',
  'open_confirm',
  'established',
] as const;
export type StateName = (typeof stateNames)[number];

/** The limits that end a session and hold down its peer for a while. */
export const heldBy = [
  'max_prefix',
  'max_prefix_received',
  'max_paths',
  'max_attribute_bytes',
] as const;

export const peerKinds = ['client', 'source', 'observer'] as const;

/** ORIGIN, by its code (RFC 4271 §5.1.1). */
export const originNames = ['igp', 'egp', 'incomplete'] as const;
export type OriginName = (typeof originNames)[number];

export const directions = ['sent', 'received'] as const;
export type Direction = (typeof directions)[number];

/** The stages of routes that have outlived a session (RFC 4724, RFC 9494). */
export const staleStages = ['restarting', 'long_lived', 'resynchronizing'] as const;
export type StaleStage = (typeof staleStages)[number];

/** What an error in an UPDATE leads to (RFC 7606 §2). */
export const updateErrorActions = [
  'treat_as_withdraw',
  'attribute_discard',
  'family_disabled',
  'session_reset',
] as const;
export type UpdateErrorAction = (typeof updateErrorActions)[number];

const failoverTriggers = ['peer_down', 'withdraw', 'med_change'] as const;
export type FailoverTrigger = (typeof failoverTriggers)[number];

/**
 * The stages of a failover: the silence before it, decided, written to the last router, acknowledged by all kernels.
 */
export const failoverStages = ['silent', 'decided', 'sent', 'acked'] as const;
export type FailoverStage = (typeof failoverStages)[number];

/**
 * What a reload does to one peer, gentlest first. `none`: at most its settings are taken over; `policy`: its routes are
 * judged again; `refresh`: they are requested again; `reset`: its session is closed and opened with the new settings.
 */
export const peerEffects = ['none', 'policy', 'refresh', 'reset', 'add', 'remove'] as const;
export type PeerEffectName = (typeof peerEffects)[number];

export const processEffects = ['apply', 'listen', 'restart'] as const;

/** What a bearer token may be used for; `peers` is to enable, disable, reset and refresh them. */
export const rights = ['drain', 'peers', 'config'] as const;
export type Right = (typeof rights)[number];

export const domainNames = ['node', 'site', 'rack', 'peer'] as const;
export type DomainName = (typeof domainNames)[number];

export const lookups = ['exact', 'longest', 'longer', 'shorter'] as const;
export type Lookup = (typeof lookups)[number];

/** The tables of a peer that can be listed. */
const peerTables = ['received', 'accepted', 'rejected', 'advertised', 'withheld'] as const;
export type PeerTable = (typeof peerTables)[number];

/** The states of a connection that we open to an RTR cache or a BMP collector; each view says what they mean for it. */
export const connectionStates = ['idle', 'connecting', 'synchronizing', 'established'] as const;
