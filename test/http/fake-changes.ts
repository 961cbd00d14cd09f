import type { Supposition } from '#api/commands.ts';
import type { Work } from '#api/queries.ts';
import type {
  ChangesView,
  PrefixChangeView,
  ScenarioView,
  ServerView,
} from '#api/views/changes.ts';

const addresses = { w1: '2001:db8:6::11', w2: '2001:db8:7::12', w3: '2001:db8:8::13' };

function server(node: keyof typeof addresses, med: number): ServerView {
  return { node, peer: node.toUpperCase(), next_hop: addresses[node], med };
}

/** W1 is gone: ::3 goes dark, ::1 has one node left, 10/8 moves and is nobody's service. */
const rows: readonly PrefixChangeView[] = [
  {
    prefix: '2001:db8:30::3/128',
    effects: ['dark'],
    service: 'web',
    state: { before: 'no_backup', after: 'absent' },
    findings: ['no peer announces it'],
    before: { best: server('w1', 100), backups: [] },
    after: { backups: [] },
    routers: [{ peers: ['ER2', 'DR6'], effect: 'lose', before: server('w1', 100) }],
  },
  {
    prefix: '2001:db8:30::1/128',
    effects: ['no_backup'],
    service: 'web',
    state: { before: 'unexpected_node', after: 'no_backup' },
    findings: ['only w2 is up: no other node could take over', 'served by w2, not by w3'],
    before: { best: server('w2', 101), backups: ['w1'] },
    after: { best: server('w2', 101), backups: [] },
    routers: [],
  },
  {
    prefix: '10.0.0.0/8',
    effects: ['moves'],
    before: { best: server('w1', 10), backups: ['w2', 'w3'] },
    after: { best: server('w2', 20), backups: ['w3'] },
    routers: [
      { peers: ['ER2'], effect: 'move', before: server('w1', 10), after: server('w2', 20) },
      { peers: ['DR6'], effect: 'gain', after: server('w2', 20) },
    ],
  },
];

export function changesView(limit: number): ChangesView {
  return {
    counts: { changed: 3, dark: 1, no_backup: 1, moves: 1, gains: 0 },
    routers: [
      { peer: 'ER2', gain: 0, lose: 1, move: 1 },
      { peer: 'DR6', gain: 1, lose: 1, move: 0 },
    ],
    changes: rows.slice(0, limit),
  };
}

const nothing: ChangesView = {
  counts: { changed: 0, dark: 0, no_backup: 0, moves: 0, gains: 0 },
  routers: [],
  changes: [],
};

/** The loss of w2 does nothing; any other is that of W1. */
export function scenarios(supposed: Supposition, limit: number): ScenarioView[] {
  const gone = (name: string): ScenarioView => ({
    kind: supposed.kind === 'config' ? 'config' : supposed.domain,
    name,
    peers: [name.toUpperCase()],
    ...(name.toLowerCase() === 'w2' ? nothing : changesView(limit)),
  });
  switch (supposed.kind) {
    case 'gone':
      return [gone(supposed.name)];
    case 'each':
      return ['w1', 'w2'].map(gone);
    case 'config':
      return [{ ...gone('fedcba9876543210'), peers: ['W1'] }];
    default:
      return supposed satisfies never;
  }
}

/** Work that takes two slices. */
export function* done<Value>(value: Value): Work<Value> {
  yield;
  yield;
  return value;
}
