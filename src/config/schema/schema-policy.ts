import { type Static, Type } from 'typebox';
import {
  asn,
  asnRange,
  list,
  name,
  notation,
  numberRange,
  oneOrMany,
  oneOrSeveral,
  text,
  word,
} from '#yaml/schema-values.ts';

/** Prefix patterns in BIRD's notation: `P`, `P+`, `P-`, `P{min,max}`. */
export const prefixPattern = notation(
  'a prefix pattern such as "2001:db8::/32", "P+", "P-" or "P{min,max}"',
  {
    description:
      'P matches exactly P; P+ also longer prefixes; P- also shorter ones; P{min,max} those of these lengths.',
  },
);

const community = notation(
  'a community such as 65000:1',
  { description: 'A community.' },
  'write both parts, such as N:1',
);
const largeCommunity = notation(
  'a large community such as 65000:1:2',
  { description: 'A large community.' },
  'write all three parts, such as N:1:2',
);
const extCommunity = notation(
  'an extended community such as rt:65000:1',
  { description: 'An extended community.' },
  'write its type and both parts, such as rt:N:1',
);

const match = Type.Object(
  {
    prefix: Type.Optional(oneOrMany(prefixPattern, { description: 'The prefix of the route.' })),
    next_hop: Type.Optional(
      oneOrMany(prefixPattern, { description: 'The next hop as a /32 or /128.' }),
    ),
    peer: Type.Optional(
      oneOrMany(name({ description: 'The name of a peer.' }), {
        description: 'The peer that sent the route.',
      }),
    ),
    peer_as: Type.Optional(
      oneOrMany(asn({ description: 'An AS.' }), {
        description: 'The AS of the peer that sent the route.',
      }),
    ),
    as_path: Type.Optional(
      oneOrMany(asnRange({ description: 'An AS, or a range of them.' }), {
        description: 'An AS anywhere in AS_PATH: 65001, or a range such as 64512-65534.',
      }),
    ),
    origin_as: Type.Optional(
      oneOrMany(asnRange({ description: 'An AS, or a range of them.' }), {
        description: 'The last AS of AS_PATH: 65001, or a range such as 64512-65534.',
      }),
    ),
    as_path_length: Type.Optional(
      oneOrMany(numberRange({ description: 'A length.' }), {
        description: 'The length of AS_PATH; a set counts as one.',
      }),
    ),
    med: Type.Optional(
      oneOrMany(numberRange({ description: 'A MED.' }), {
        description: 'MULTI_EXIT_DISC: 100, "0-499" or "1000-".',
      }),
    ),
    community: Type.Optional(
      oneOrMany(community, { description: 'A community, as 65000:1 or 65000:*.' }),
    ),
    large_community: Type.Optional(
      oneOrMany(largeCommunity, { description: 'A large community, as 65000:1:2 or 65000:*:*.' }),
    ),
    ext_community: Type.Optional(
      oneOrMany(extCommunity, {
        description: 'An extended community, as rt:65000:1, ro:65000:* or generic:0x43000000:0x1.',
      }),
    ),
    rpki: Type.Optional(
      oneOrMany(word(['valid', 'invalid', 'not_found'], { description: 'A state.' }), {
        description:
          'Whether VRPs from the caches of `rpki` allow the origin AS (RFC 6811). Without data every route is not_found.',
      }),
    ),
    aspa: Type.Optional(
      oneOrMany(word(['valid', 'invalid', 'unknown'], { description: 'A state.' }), {
        description:
          'Experimental: whether AS_PATH is one that the ASPAs of its ASes allow, by our role toward the peer. In import policies of peers with a role, with `rpki.aspa`.',
      }),
    ),
  },
  {
    additionalProperties: false,
    description:
      'Every key must match; a key with several values matches if one of them does. Absent: every route matches.',
    errorMessage: 'expected the keys that must match',
  },
);

const maxU32 = 0xffff_ffff;

const prepended = Type.Union([asn({ description: 'An AS.' }), Type.Literal('first_as')], {
  errorMessage: `expected an AS number from 1 to ${maxU32}, or first_as`,
});

const set = Type.Object(
  {
    med: Type.Optional(
      Type.Union(
        [
          Type.Integer({ minimum: -maxU32, maximum: maxU32 }),
          Type.String({ pattern: '^[+-]?[0-9]{1,10}$' }),
        ],
        {
          description: 'MULTI_EXIT_DISC: 100 sets it, +10 raises it and -10 lowers it.',
          errorMessage: 'expected a MED such as 100, +10 or -10',
        },
      ),
    ),
    local_pref: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: maxU32,
        description: 'LOCAL_PREF, used in our own decision only; absent counts as 100.',
        errorMessage: `expected a whole number from 0 to ${maxU32}`,
      }),
    ),
    add_communities: Type.Optional(
      oneOrMany(community, { description: 'Communities to add: 65000:1 or 65000:1:2.' }),
    ),
    remove_communities: Type.Optional(
      oneOrMany(community, { description: 'Communities to remove; * for any number.' }),
    ),
    prepend: Type.Optional(
      oneOrMany(prepended, {
        description:
          'AS numbers that are prepended to AS_PATH, the first one outermost; first_as is the first AS of the route, which is that of the peer that sent it.',
      }),
    ),
    next_hop: Type.Optional(
      notation('an IPv4 or IPv6 address', {
        description: 'NEXT_HOP; an address of the same family as the route.',
      }),
    ),
    blackhole: Type.Optional(
      oneOrSeveral(notation('an IPv4 or IPv6 address', { description: 'An address.' }), {
        description:
          'For export policies: NEXT_HOP becomes this address, whose traffic the exchange discards (one for each family), and NO_EXPORT is added (RFC 7999). Only peers with `blackhole: true` are sent the route.',
      }),
    ),
  },
  {
    additionalProperties: false,
    description: 'Attributes that are set on a matching route.',
    errorMessage: 'expected the attributes to set',
  },
);

const rule = Type.Object(
  {
    name: Type.Optional(
      text({ description: 'The name of the rule, which `explain` shows beside file and line.' }),
    ),
    match: Type.Optional(match),
    set: Type.Optional(set),
    then: Type.Optional(
      word(['accept', 'reject', 'next'], {
        description:
          'accept and reject decide; next continues with the following rule and keeps what was set.',
        default: 'next',
      }),
    ),
  },
  {
    additionalProperties: false,
    description: 'One rule: match, set, then.',
    errorMessage: 'expected a rule such as { match: { … }, then: accept }',
  },
);
export type RuleSourceValue = Static<typeof rule>;
export type MatchSourceValue = Static<typeof match>;
export type SetSourceValue = Static<typeof set>;

const policyNamePattern = '^[A-Za-z_][A-Za-z0-9_.-]{0,63}$';

/** `policies`: name to rules. */
export const policies = Type.Record(
  Type.String({ pattern: policyNamePattern }),
  list(rule, { description: 'Rules in order.' }),
  {
    additionalProperties: false,
    description:
      'Policies by name, each a list of rules. The first rule that decides counts; a route that no rule decides about is rejected. Peers name them in import and export.',
    errorMessage: 'expected policies by name',
    nameMessage: 'expected a policy name: letters, digits and _ . - beginning with a letter or _',
  },
);
