import { describe, expect, test } from 'vitest';
import type { DoctorItem, Severity } from '#api/views/doctor.ts';
import type { PathView } from '#api/views/path.ts';
import type { PeerView } from '#api/views/peer.ts';
import { bySeverity, diagnosePeer, diagnoseSite, peerFindings } from '#daemon/doctor/doctor.ts';
import type { PeerFacts, SiteFacts } from '#daemon/doctor/facts.ts';
import { siteFindings } from '#daemon/doctor/findings/site-findings.ts';
import { rivalsOf, surroundingsOf } from '#daemon/doctor/gather.ts';
import { atOnce } from '#daemon/in-slices.ts';
import { configOf } from '../../config/files.ts';
import { labPaths, labPeers } from '../../http/fake-daemon.ts';

/** Two nodes, a router and, if requested, a sibling, with nothing wrong. */
const text = `
router_id: 1.1.1.9
local_as: 65002
state_dir: /var/lib/fingerpost
policies:
  loopbacks: [{ match: { prefix: "2001:db8:30::/64{128,128}" }, then: accept }]
peer_groups:
  nodes:
    peer_as: 65001
    families: [ipv6_unicast]
    import: loopbacks
    max_prefix: { limit: 10 }
    max_prefix_received: { limit: 100 }
    multihop: 10
    hold_time: 6
    accept_next_hop: any
    enforce_first_as: false
    allow_as_sets: true
    min_hold_time: 0
peers:
  - { name: W1, address: "2001:db8:6::11", group: nodes NODE }
  - { name: W2, address: "2001:db8:7::12", group: nodes }
  - { name: ER2, address: "2001:db8:1::2", peer_as: 65003, export: all, hold_time: 6, multihop: 10, families: [ipv6_unicast] }
`;

interface Change {
  /** Keys of W1 in addition to those of its group. */
  readonly keys?: string;
  readonly view?: Partial<PeerView>;
  readonly facts?: Partial<PeerFacts>;
  readonly other?: { readonly view?: Partial<PeerView>; readonly facts?: Partial<PeerFacts> };
  readonly router?: { readonly view?: Partial<PeerView>; readonly facts?: Partial<PeerFacts> };
  readonly hasSibling?: boolean;
  readonly historyFailure?: string;
  readonly stall?: SiteFacts['stall'];
}

function siteOf({
  keys = '',
  view,
  facts,
  other,
  router,
  hasSibling,
  historyFailure,
  stall,
}: Change): SiteFacts {
  const config = configOf(text.replace(' NODE', keys === '' ? '' : `, ${keys}`));
  const [w1, w2, , er2] = labPeers();
  const of = (at: number, own: PeerView, more: Partial<PeerFacts> = {}): PeerFacts => ({
    config: config.peers[at],
    view: own,
    hints: [],
    earlyEndOfRib: [],
    accepted: [],
    rejected: [],
    withheld: [],
    ...more,
  });
  const quiet = { rejected: 0, received: 3 };
  const peers = [
    of(0, { ...w1, prefixes: { ...w1.prefixes, ...quiet }, ...view }, facts),
    of(1, { ...w2, ...other?.view }, other?.facts),
    of(2, { ...er2, ...router?.view }, router?.facts),
  ];
  const sibling = of(1, { ...w2, name: 'RS4', kind: 'observer', router_id: '1.1.1.4' });
  const all = hasSibling === true ? [...peers, sibling] : peers;
  return {
    config,
    routerId: '1.1.1.9',
    peers: all,
    rivals: atOnce(rivalsOf(all)),
    rpki: [],
    ...(historyFailure !== undefined && { historyFailure }),
    ...(stall !== undefined && { stall }),
  };
}

function diagnosePeers({ peers }: SiteFacts): DoctorItem[] {
  const around = surroundingsOf(peers);
  return peers.flatMap((peer) => diagnosePeer(peer, around));
}

const [path, second] = labPaths();
const from = (name: string, more: Partial<PathView> = {}): PathView => ({
  ...path,
  peer: name,
  ...more,
});
const refused = (reason: string, more: Partial<PathView> = {}): Partial<PeerFacts> => ({
  rejected: [from('W1', { accepted: false, reason, ...more })],
});
const error = (code: number, subcode: number, direction: 'sent' | 'received') => ({
  state: 'idle' as const,
  last_error: {
    at: '2025-11-22T21:37:27.019Z',
    text: `${code}/${subcode}`,
    code,
    subcode,
    direction,
  },
});
const down = { state: 'active' as const };

/** One row for each finding about a peer: what causes it, and a word of its evidence. */
const peerRows: readonly [code: string, change: Change, evidence: string][] = [
  ['wrong_peer_as', { view: error(2, 2, 'sent') }, '2/2'],
  ['wrong_local_as', { view: error(2, 2, 'received') }, '2/2'],
  ['no_common_family', { view: error(2, 7, 'received') }, '2/7'],
  ['hold_time_refused', { view: error(2, 6, 'received') }, '2/6'],
  ['same_router_id', { view: error(2, 3, 'sent') }, '2/3'],
  ['role_mismatch', { view: error(2, 11, 'received') }, '2/11'],
  [
    'connections_refused_by_us',
    { view: down, facts: { hints: [{ kind: 'refusal', text: 'for another 42 s' }] } },
    'for another 42 s',
  ],
  ['dial_refused', { view: down, facts: { dialFailure: 'connection refused' } }, 'refused'],
  ['no_answer', { view: down, facts: { dialFailure: 'timed out' } }, 'timed out'],
  [
    'cannot_dial',
    {
      keys: 'local_address: 2001:db8::7',
      view: down,
      facts: { dialFailure: 'bind: address not available (EADDRNOTAVAIL)' },
    },
    'EADDRNOTAVAIL',
  ],
  [
    'cannot_dial',
    { view: down, facts: { dialFailure: 'interface eth7: no such device (ENODEV)' } },
    'eth7',
  ],
  ['cannot_dial', { view: down, facts: { dialFailure: 'network unreachable' } }, 'unreachable'],
  [
    'md5_missing_here',
    { keys: 'passive: true', view: down, facts: { hints: [{ kind: 'silence', text: 'silent' }] } },
    'silent',
  ],
  [
    'md5_differs',
    {
      keys: 'passive: true, password: key',
      view: down,
      facts: { hints: [{ kind: 'silence', text: 'silent' }] },
    },
    'silent',
  ],
  ['gtsm_suspected', { keys: 'gtsm: true, passive: true', view: down }, 'at least 246'],
  ['gtsm_suspected', { keys: 'gtsm: true', view: { ...down, state: 'open_sent' } }, 'at least 246'],
  ['held_by_limit', { view: { ...down, held: { by: 'max_prefix' } } }, 'until it is reset'],
  ['disabled', { view: { ...down, enabled: false } }, 'enabled: false'],
  [
    'bfd_not_up',
    {
      facts: {
        hints: [{ kind: 'bfd', text: 'bfd: never heard; detection is the hold timer (6 s)' }],
      },
    },
    'never heard',
  ],
  ['family_not_negotiated', { view: { families: [] } }, 'negotiated: none'],
  [
    'family_disabled',
    { view: { disabled_families: [{ family: 'ipv6_unicast', at: '', text: 'next hop' }] } },
    'next hop',
  ],
  ['hold_time_zero', { view: { hold_time_s: 0 } }, 'is 0'],
  ['client_hold_time_longer', { router: { view: { hold_time_s: 90 } } }, '90 s, and at most 6 s'],
  ['early_end_of_rib', { facts: { earlyEndOfRib: ['ipv6_unicast'] } }, 'ipv6_unicast'],
  ['first_as', { facts: refused('first_as', { as_path: [65009] }) }, 'AS path 65009'],
  ['link_local_next_hop', { facts: refused('next_hop_foreign', { next_hop: 'fe80::1' }) }, 'fe80'],
  ['foreign_next_hop', { facts: refused('next_hop_foreign') }, '2001:db8:8::13'],
  ['missing_med_refused', { facts: refused('missing_med') }, path.prefix],
  ['no_import_policy', { facts: refused('no_policy') }, path.prefix],
  [
    'all_refused',
    {
      view: { prefixes: { ...labPeers()[0].prefixes, accepted: 0 } },
      facts: refused('prefix_not_allowed'),
    },
    'prefix_not_allowed',
  ],
  [
    'announces_nothing',
    { view: { prefixes: { ...labPeers()[0].prefixes, received: 0, accepted: 0, rejected: 0 } } },
    '0 prefixes',
  ],
  ['missing_med', { facts: { accepted: [withoutMed(from('W1'))] } }, path.prefix],
  [
    'no_export',
    { hasSibling: true, facts: { accepted: [from('W1', { communities: ['65535:65281'] })] } },
    '65535:65281',
  ],
  [
    'malformed_updates',
    {
      view: {
        update_errors: [
          {
            at: '',
            attribute: 'origin',
            outcome: 'treat_as_withdraw',
            text: 'length 2',
            bytes: '',
            length: 0,
            count: 3,
          },
        ],
      },
    },
    'origin: length 2',
  ],
  [
    'next_hop_not_usable_by_client',
    { router: { facts: { withheld: [from('W1', { reason: 'next_hop_unusable' })] } } },
    path.next_hop,
  ],
];

function withoutMed({ med, ...rest }: PathView): PathView {
  expect(med).toBeDefined();
  return rest;
}

const siteRows: readonly [code: string, change: Change, evidence: string][] = [
  ['equal_router_ids', { other: { view: { router_id: '1.1.1.11' } } }, '1.1.1.11: W1, W2'],
  ['equal_router_ids', { view: { router_id: '1.1.1.9' } }, '1.1.1.9: W1'],
  ['history_not_written', { historyFailure: 'the disk is full' }, 'the disk is full'],
  [
    'stalled',
    { stall: { text: 'this daemon did not run for 8.0 s', until: '2026-11-30T12:00:00.000Z' } },
    'this daemon did not run for 8.0 s, until 2026-11-30T12:00:00.000Z',
  ],
  [
    'tie',
    {
      facts: { accepted: [from('W1', { rank: 1 })] },
      other: { facts: { accepted: [from('W2', { rank: 2 })] } },
    },
    'W1 and W2 with MED 100',
  ],
  [
    'origin_differs',
    {
      facts: { accepted: [from('W1', { rank: 1 })] },
      other: { facts: { accepted: [from('W2', { rank: 2, origin: 'incomplete' })] } },
    },
    'W1 igp, W2 incomplete',
  ],
  ['stricter_next_hop', { keys: 'accept_next_hop: peer' }, 'W1'],
  ['stricter_first_as', { keys: 'enforce_first_as: true' }, 'W1'],
  ['stricter_as_set', { keys: 'allow_as_sets: false' }, 'W1'],
  ['stricter_hold_time', { keys: 'min_hold_time: 3' }, 'W1'],
];

describe('a finding of a peer', () => {
  test.each(peerRows)('%s', (code, change, evidence) => {
    const site = siteOf(change);
    const found = diagnosePeers(site);
    expect(found.map((item) => item.code)).toContain(code);
    const item = found.find((one) => one.code === code);
    expect(item?.evidence).toContain(evidence);
    expect(item?.ours ?? item?.theirs).toBeTruthy();
  });
});

describe('a finding among peers', () => {
  test.each(siteRows)('%s', (code, change, evidence) => {
    const found = atOnce(diagnoseSite(siteOf(change), [])).filter((item) => item.code === code);
    expect(found.map((item) => item.evidence).join(' ')).toContain(evidence);
  });

  test('a limit that is not in the file is reported', () => {
    const config = configOf(text.replace(' NODE', '').replace(/max_prefix_received.*\n/, '\n'));
    const site = siteOf({});
    const peers = site.peers.map((peer, at) => ({ ...peer, config: config.peers[at] }));
    const codes = atOnce(diagnoseSite({ ...site, config, peers }, [])).map(({ code }) => code);
    expect(codes).toContain('stricter_limit');
  });
});

test('nothing is found if nothing is wrong', () => {
  const site = siteOf({ facts: { accepted: [path] }, other: { facts: { accepted: [second] } } });
  expect(diagnosePeers(site)).toEqual([]);
  expect(atOnce(diagnoseSite(site, ['2001:db8:1::9/64']))).toEqual([]);
});

test('every finding has a row and a unique code', () => {
  const codes = [...peerFindings, ...siteFindings].map(({ code }) => code);
  expect(new Set(codes).size).toBe(codes.length);
  const shown = new Set([...peerRows, ...siteRows].map(([code]) => code));
  expect(codes.filter((code) => !shown.has(code))).toEqual(['stricter_limit']);
});

test('what `check` warns about is reported in the same words', () => {
  const config = configOf('router_id: 1.1.1.9\nlocal_as: 65002\n');
  const items = atOnce(
    diagnoseSite({ config, routerId: '1.1.1.9', peers: [], rivals: [], rpki: [] }, []),
  );
  expect(items).toMatchObject(
    [
      {
        severity: 'warning',
        code: 'configuration',
        text: /^no state_dir/,
        evidence: '/etc/fp.yaml:1',
      },
    ].map((item) => ({ ...item, text: expect.stringMatching(item.text) })),
  );
});

function itemOf(severity: Severity): DoctorItem {
  return { severity, code: '', text: '', evidence: '' };
}

test('errors come first', () => {
  const sorted = bySeverity([itemOf('info'), itemOf('warning'), itemOf('error')]);
  expect(sorted.map(({ severity }) => severity)).toEqual(['error', 'warning', 'info']);
});

test('a peer is looked at no more often among a hundred than among ten', () => {
  expect(looksAmong(100)).toBe(looksAmong(10));
});

/** Returns how often each of so many peers is looked at when all are diagnosed. */
function looksAmong(count: number): number {
  let looks = 0;
  const site = siteOf({});
  const [peer] = site.peers;
  const peers = Array.from({ length: count }, () => ({
    ...peer,
    get view() {
      looks++;
      return peer.view;
    },
  }));
  diagnosePeers({ ...site, peers });
  return looks / count;
}
