import { expect, it } from 'vitest';
import { readCases } from '#testing/read-cases.ts';
import { hostOf } from '../config/files.ts';
import { caseOf, problemsOf } from './files.ts';

/** The steps are on line 4, the expectations on line 5; both begin in column 13 or 14. */
const rows: readonly [name: string, cases: string, problems: string[]][] = [
  [
    'an unknown key',
    caseOf('{ peer: W1, anounce: "::/0" }', ''),
    ['4:25 anounce: unknown key; did you mean announce?'],
  ],
  [
    'an unknown peer',
    caseOf('{ peer: W9, announce: "::/0" }', ''),
    ['4:21 peer: the configuration has no peer W9; did you mean W1?'],
  ],
  [
    'a step without an event',
    caseOf('{ peer: W1 }', ''),
    [
      '4:13 expected one of announce, withdraw, up, down, drain, undrain, probe, vrps, aspas, sibling',
    ],
  ],
  [
    'a step with two events',
    caseOf('{ peer: W1, up: true, down: true }', ''),
    ['4:35 down: a step has only one of up and down'],
  ],
  [
    'an event without its peer',
    caseOf('{ announce: "::/0" }', ''),
    ['4:15 announce: peer is missing; give the name of the peer'],
  ],
  [
    'an attribute beside another event',
    caseOf('{ peer: W1, down: true, med: 1 }', ''),
    ['4:37 med: has no meaning beside down'],
  ],
  [
    'a disabled peer',
    caseOf('{ peer: OFF, announce: "::/0" }', ''),
    ['4:21 peer: OFF is disabled in the configuration'],
  ],
  [
    'a text that is not a prefix',
    caseOf('{ peer: W1, announce: "::/129" }', ''),
    ['4:35 announce: ::/129: the length is at most 128'],
  ],
  [
    'a next hop that cannot be guessed',
    caseOf('{ peer: V4, announce: "::/0" }', ''),
    [
      '4:25 announce: next_hop is missing; the address of V4, 192.0.2.4, cannot be a next hop for ::/0',
    ],
  ],
  [
    'a pattern for a community',
    caseOf('{ peer: W1, announce: "::/0", communities: "65001:*" }', ''),
    ['4:56 communities: 65001:*: expected one community, without *'],
  ],
  [
    'an unknown node',
    caseOf('{ drain: w3 }', ''),
    ['4:22 drain: no peer belongs to the node w3; did you mean w1?'],
  ],
  [
    'an unknown service',
    caseOf('{ probe: { node: w1, service: wep, answering: true } }', ''),
    ['4:43 service: the configuration has no service wep; did you mean web?'],
  ],
  [
    'a peer that is not a sibling',
    caseOf('{ sibling: { name: W1, best: "::/0" } }', ''),
    ['4:32 name: W1 is not a sibling: it lacks observer: true'],
  ],
  [
    'a sibling that offers a MED and no route',
    caseOf('{ sibling: { name: RS4, best: "::/0", med: 1 } }', ''),
    ['4:51 med: has no meaning without a next_hop'],
  ],
  [
    'an unknown reason',
    caseOf('', '{ prefix: "::/0", from: W1, rejected: prefix_lenght }'),
    [
      '5:52 rejected: prefix_lenght is not a reason for which a path is rejected; did you mean prefix_length?',
    ],
  ],
  [
    'a reason without a peer',
    caseOf('', '{ prefix: "::/0", rejected: policy }'),
    ['5:14 from is missing'],
  ],
  [
    'a peer that is not a client',
    caseOf('', '{ prefix: "::/0", sent: { to: [W1, ER2] } }'),
    ['5:45 to: W1 is not a client: its export is none, so it is never sent a route'],
  ],
  [
    'an expectation of nothing',
    caseOf('', '{ prefix: "::/0" }'),
    ['5:14 expected one of best, backup, rejected, sent, coherence'],
  ],
  [
    'an expectation of two things',
    caseOf('', '{ prefix: "::/0", service: web }'),
    ['5:14 expected exactly one of prefix, service and peer'],
  ],
  [
    'an unknown state',
    caseOf('', '{ service: web, state: no_backups }'),
    [
      '5:37 state: expected absent, only_down_paths, no_backup, degraded, tie, unexpected_node or ok; got "no_backups"; did you mean no_backup?',
    ],
  ],
  [
    'two faults at once',
    caseOf('{ drain: w3 }', '{ service: web, state: 1 }').replace('state: 1', 'stat: ok'),
    [
      '4:22 drain: no peer belongs to the node w3; did you mean w1?',
      '5:30 stat: unknown key; did you mean state?',
    ],
  ],
  ['no cases', 'cases: []\n', ['2:8 cases: expected a list that is not empty; got an empty list']],
];

it.each(rows)('%s is a fault with its place', (_name, cases, problems) => {
  expect(problemsOf(cases)).toEqual(problems);
});

it('a fault is shown with its line and a caret, as in a configuration', () => {
  const host = hostOf({
    '/t/cases.yaml': 'config: fp.yaml\ncase: []\n',
    '/t/fp.yaml': 'router_id: 1.1.1.9\nlocal_as: 65002\n',
  });
  const outcome = readCases('/t/cases.yaml', '/none.yaml', host);
  expect(outcome).toMatchObject({ ok: false });
  const [problem] = outcome.ok ? [] : outcome.problems;
  expect(problem).toMatchObject({ line: 2, column: 1, excerpt: 'case: []\n^' });
});

it.each([
  ['a missing configuration', 'config: gone.yaml\ncases: [{ name: a }]', '/t/gone.yaml'],
  ['a missing default configuration', 'cases: [{ name: a }]', '/none.yaml'],
])('%s is named in the fault', (_name, text, missing) => {
  const outcome = readCases('/t/cases.yaml', '/none.yaml', hostOf({ '/t/cases.yaml': text }));
  const problems = outcome.ok ? [] : outcome.problems;
  expect(problems).toMatchObject([{ file: missing, message: 'cannot be read: no such file' }]);
});
