/**
 * A file of cases as one TypeBox schema; it is read and checked as a configuration is. What depends on the
 * configuration under test, such as the name of a peer, is checked by `CaseResolver`.
 */
import { type Static, Type } from 'typebox';
import { originNames } from '#api/names.ts';
import { serviceStates } from '#services/audit.ts';
import { coherenceStates } from '#services/coherence.ts';
import {
  asn,
  closed,
  flag,
  list,
  name,
  notation,
  oneOf,
  oneOrMany,
  text,
  whole,
  word,
} from '#yaml/schema-values.ts';

const maxU32 = 0xffff_ffff;
const maxMed = maxU32;

const prefix = notation('a prefix such as 2001:db8:30::3/128', { description: 'A prefix.' });
const peer = notation('the name or address of a peer', { description: 'A peer.' });
const node = name({ description: 'A node.' });
const address = notation('an address', { description: 'An address.' });
const community = notation('a community such as 65000:1', { description: 'A community.' });
const largeCommunity = notation('a large community such as 65000:1:2', {
  description: 'A large community.',
});
const extCommunity = notation('an extended community such as rt:65000:1', {
  description: 'An extended community.',
});
const asPath = list(
  Type.Union(
    [
      asn({ description: 'An AS.' }),
      list(asn({ description: 'An AS.' }), { description: 'A set.' }),
    ],
    { errorMessage: 'expected an AS number, or a list of AS numbers, which is an AS_SET' },
  ),
  { description: 'AS_PATH; an inner list is an AS_SET.' },
);
const yes = (description: string) =>
  Type.Literal(true, { description, errorMessage: 'expected true' });

/** The attributes of a route, in a step and in an expectation alike. */
const attributes = {
  next_hop: Type.Optional(address),
  as_path: Type.Optional(asPath),
  origin: Type.Optional(word([...originNames], { description: 'ORIGIN.' })),
  communities: Type.Optional(oneOrMany(community, { description: 'Communities.' })),
  large_communities: Type.Optional(
    oneOrMany(largeCommunity, { description: 'Large communities.' }),
  ),
  ext_communities: Type.Optional(oneOrMany(extCommunity, { description: 'Extended communities.' })),
};

const med = whole(0, maxMed, { description: 'MULTI_EXIT_DISC.' });

/** Something that happens; exactly one of `actionKeys` says what. */
const step = Type.Object(
  {
    peer: Type.Optional(peer),
    announce: Type.Optional(oneOrMany(prefix, { description: 'The peer announces this prefix.' })),
    withdraw: Type.Optional(oneOrMany(prefix, { description: 'The peer withdraws this prefix.' })),
    up: Type.Optional(yes('The session of the peer comes up.')),
    down: Type.Optional(yes('The session of the peer ends, and its routes are removed.')),
    ...attributes,
    med: Type.Optional(med),
    router_id: Type.Optional(
      notation('a router id such as 192.0.2.1', {
        description:
          'The BGP Identifier of the peer; by default the last four octets of its address.',
      }),
    ),
    drain: Type.Optional(node),
    force: Type.Optional(yes('With drain: drain even if the guard would refuse it.')),
    undrain: Type.Optional(node),
    probe: Type.Optional(
      Type.Object(
        {
          node,
          service: Type.Optional(name({ description: 'A service; by default all.' })),
          answering: flag({ description: 'Whether the node answers the probe.' }),
        },
        { ...closed, errorMessage: 'expected { node: w1, answering: false }' },
      ),
    ),
    vrps: Type.Optional(
      list(
        Type.Object(
          {
            prefix,
            max_length: Type.Optional(
              whole(0, 128, {
                description: 'The longest length allowed; by default that of the prefix.',
              }),
            ),
            asn: whole(0, maxU32, {
              description: 'The AS that may originate the prefix; 0: no AS may.',
            }),
          },
          { ...closed, errorMessage: 'expected { prefix: "2001:db8::/32", asn: 65001 }' },
        ),
        { description: 'The RTR caches have exactly these VRPs now.' },
      ),
    ),
    aspas: Type.Optional(
      list(
        Type.Object(
          {
            customer: asn({ description: 'An AS.' }),
            providers: list(
              whole(0, maxU32, { description: 'An AS; 0 alone: the customer has no provider.' }),
              {
                description: 'The providers of the customer.',
                minItems: 1,
              },
            ),
          },
          { ...closed, errorMessage: 'expected { customer: 65001, providers: [65002] }' },
        ),
        { description: 'The RTR caches have exactly these ASPAs now.' },
      ),
    ),
    sibling: Type.Optional(
      Type.Object(
        {
          name: peer,
          best: oneOrMany(prefix, { description: 'The sibling offers this prefix.' }),
          next_hop: Type.Optional(address),
          med: Type.Optional(med),
        },
        {
          ...closed,
          errorMessage: 'expected { name: RS4, best: "2001:db8:30::3/128", next_hop: … }',
          description:
            'The sibling offers a route with this next hop and MED as its best, or no route if there is no next hop. Its other attributes are those with which the node with that next hop announces the prefix here.',
        },
      ),
    ),
  },
  {
    ...closed,
    errorMessage: 'expected a step such as { peer: W1, announce: "2001:db8:30::3/128" }',
  },
);
export type StepSource = Static<typeof step>;

/** The keys of a step of which it must have exactly one. */
export const actionKeys = [
  'announce',
  'withdraw',
  'up',
  'down',
  'drain',
  'undrain',
  'probe',
  'vrps',
  'aspas',
  'sibling',
] as const;

const sent = Type.Object(
  {
    to: oneOrMany(peer, { description: 'Exactly these clients are sent the prefix.' }),
    ...attributes,
    med: Type.Optional(
      Type.Union([med, Type.Literal('none')], {
        errorMessage: `expected a whole number from 0 to ${maxMed}, or none`,
      }),
    ),
  },
  { ...closed, errorMessage: 'expected { to: [ER2] }, a list of such objects, or none' },
);
export type SentSource = Static<typeof sent>;

/** What must hold now; keys that are absent are not checked. */
const expectation = Type.Object(
  {
    prefix: Type.Optional(prefix),
    best: Type.Optional(
      notation('the name of a peer, or none', { description: 'The peer whose path is best.' }),
    ),
    backup: Type.Optional(
      notation('the name of a peer, or none', {
        description: 'The peer whose path is the second best.',
      }),
    ),
    from: Type.Optional(peer),
    rejected: Type.Optional(
      notation('the reason of a rejection, or none', {
        description:
          'The reason for which the path of the peer in `from` is rejected; none: it is accepted.',
      }),
    ),
    sent: Type.Optional(
      Type.Union(
        [
          sent,
          list(sent, { description: 'For clients that are sent different routes.' }),
          Type.Literal('none'),
        ],
        { errorMessage: 'expected { to: [ER2] }, a list of such objects, or none' },
      ),
    ),
    coherence: Type.Optional(
      word([...coherenceStates], {
        description: 'The worst state of what the siblings offer, compared with our route.',
      }),
    ),
    service: Type.Optional(name({ description: 'A service.' })),
    state: Type.Optional(
      word([...serviceStates], { description: 'The worst state of its addresses.' }),
    ),
    peer: Type.Optional(peer),
    up: Type.Optional(flag({ description: 'Whether the session of the peer is up.' })),
  },
  {
    ...closed,
    errorMessage: 'expected what must hold, such as { prefix: "2001:db8:30::3/128", best: W1 }',
  },
);
export type ExpectationSource = Static<typeof expectation>;

const stage = {
  given: Type.Optional(list(step, { description: 'What happens, in order.' })),
  expect: Type.Optional(list(expectation, { description: 'What must hold afterwards.' })),
};

const laterStage = Type.Object(stage, {
  ...closed,
  errorMessage: 'expected { given: …, expect: … }',
});
export type StageSource = Static<typeof laterStage>;

const testCase = Type.Object(
  {
    name: text({ description: 'What must hold, in words.' }),
    ...stage,
    then: Type.Optional(
      list(laterStage, {
        description: 'Further stages, which continue from the state reached so far.',
      }),
    ),
  },
  { ...closed, errorMessage: 'expected a case with a name' },
);
export type CaseSource = Static<typeof testCase>;

export const testFileSchema = Type.Object(
  {
    config: Type.Optional(
      text({
        description:
          'The configuration under test, relative to this file; by default the one that -c names.',
      }),
    ),
    cases: list(testCase, { description: 'The cases.', minItems: 1 }),
  },
  { ...closed, errorMessage: oneOf(['the keys config and cases']) },
);
export type TestFileSource = Static<typeof testFileSchema>;
