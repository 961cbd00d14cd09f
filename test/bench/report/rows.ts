import { exampleNames } from '../cases.ts';
import type { Make } from '../daemons/contender.ts';
import { loopId } from '../plan.ts';
import { requests } from '../requests.ts';
import { threadFeatures } from '../threads.ts';

/** The target for our figure, compared with the others of the same run. */
export type Target =
  | { readonly kind: 'timesBest'; readonly factor: number }
  | { readonly kind: 'plus'; readonly make: Make; readonly amount: number }
  | { readonly kind: 'timesOwn'; readonly trial: string; readonly factor: number }
  | { readonly kind: 'atMost'; readonly amount: number };

/** A row of the table: a figure of a phase of a trial. In every row less is better. */
export interface Row {
  readonly trial: string;
  readonly phase: string;
  readonly figure: string;
  readonly label: string;
  readonly digits: number;
  readonly target?: Target;
}

/** All rows that `npm run bench` prints. A row without a target is printed for information only. */
export const rows: readonly Row[] = [
  ...microseconds('S1', 'flips', 'S1 failover', timesBest(1)),
  ...seconds('S2', 'converge', 'S2 converge', { wall: timesBest(1) }),
  ...seconds('S2', 'kill', 'S2 kill best node', { wall: timesBest(1) }),
  ...seconds('S2', 'churn100', 'S2 churn 100 NLRI', both(0.5)),
  ...seconds('S2', 'churn1', 'S2 churn 1 NLRI', both(0.5)),
  ...seconds('S3', 'load', 'S3 load', both(0.5)),
  peak('S3'),
  ...received('S3'),
  ...seconds('S3b', 'load', 'S3b full table', both(0.25)),
  peak('S3b'),
  ...seconds('S4', 'establish', 'S4 establish', { wall: timesBest(1) }),
  ...seconds('S4', 'converge', 'S4 converge', { wall: timesBest(0.75) }),
  row('S4', 'steady', 'cpuPerSec', 'S4 steady CPU s per s', 4, timesBest(2)),
  row('S4', 'steady', 'lostSessions', 'S4 sessions lost', 0, atMost(0)),
  ...seconds('S3', 'late', 'S5 late router', both(0.5)),
  row('keepalive', 'load', 'keepaliveLateMs', 'keepalive late ms', 0, atMost(200)),
  ...seconds('S6', 'load', 'S6 exchange of 300', {}),
  row('S6', 'death', 'deathMs', 'S6 death told while reloading ms', 0, atMost(50)),
  row('S6', 'reload', 'wallSec', 'S6 reload wall s', 3, timesBest(0.25)),
  row('S6', 'late', 'wallSec', 'S6 late router wall s', 3),
  peak('S6'),
  ...exchangeRows('members', 'S6 with 700 members × 1,500'),
  ...exchangeRows('rpki', 'S6 with 100,000 VRPs'),
  row('S7', 'load', 'wallSec', 'S7 load while watched wall s', 3, {
    kind: 'timesOwn',
    trial: 'S3',
    factor: 1.3,
  }),
  row('S7', 'load', 'keepaliveLateMs', 'S7 keepalive late ms', 0, atMost(200)),
  ...['S1', 'S2', 'S3', 'S3b', 'S4', 'S6', 'S7'].flatMap((trial) => [
    row(loopId({ id: trial }), 'own', 'sliceMs', `${trial} longest slice, CPU ms`, 1, atMost(20)),
    row(loopId({ id: trial }), 'own', 'turnMs', `${trial} longest slice, wall ms`, 1),
  ]),
  row('idle', 'flips', 'p50Us', 'failover after idling, 20 routers p50 µs', 0),
  row('idle', 'flips', 'p99Us', 'failover after idling, 20 routers p99 µs', 0, atMost(3000)),
  ...(['p50', 'p99'] as const).flatMap((part) => [
    row('history off', 'flips', `${part}Us`, `S1 with a service, no history ${part} µs`, 0),
    row('history on', 'flips', `${part}Us`, `S1 with a service and history ${part} µs`, 0, {
      kind: 'timesOwn',
      trial: 'history off',
      factor: 1.1,
    }),
  ]),
  row('bfd', 'bfd', 'falseDowns', 'BFD, false Downs of 500 while loading', 0, atMost(0)),
  row('bfd', 'bfd', 'cpuPerSec', 'BFD, 500 at 100 ms, CPU s per s', 4),
  ...seconds('bmp', 'load', 'S3 load with a BMP collector', {}),
  row('bmp', 'load', 'peakMb', 'S3 peak MB with a BMP collector', 0),
  ...requests.flatMap(({ name }) => [
    row('requests', name, 'sliceMs', `request ${name}, longest slice, CPU ms`, 1, atMost(20)),
    row('requests', name, 'cpuMs', `request ${name}, CPU ms`, 0),
  ]),
  row('S1', 'empty', 'rssMb', 'empty daemon RSS MB', 0),
  ...threadFeatures.map(({ name }) =>
    row('threads', name, 'moreMb', `thread of ${name}, RSS MB`, 1),
  ),
  row('vrps', 'vrps', 'loadMs', '600,000 VRPs, load, CPU ms', 0),
  row('vrps', 'vrps', 'longestMs', '600,000 VRPs, longest piece ms', 1, atMost(20)),
  row('vrps', 'vrps', 'memoryMb', '600,000 VRPs, memory MB', 1),
  row('vrps', 'vrps', 'lookUpNs', '600,000 VRPs, look-up ns', 0, atMost(1000)),
  ...exampleNames.map((name) => row('cases', name, 'msPerCase', `test case of ${name}, CPU ms`, 2)),
];

interface Both {
  readonly wall?: Target;
  readonly cpu?: Target;
}

function row(
  trial: string,
  phase: string,
  figure: string,
  label: string,
  digits: number,
  target?: Target,
): Row {
  const common = { trial, phase, figure, label, digits };
  return target === undefined ? common : { ...common, target };
}

function seconds(trial: string, phase: string, label: string, { wall, cpu }: Both): Row[] {
  return [
    row(trial, phase, 'wallSec', `${label} wall s`, 3, wall),
    row(trial, phase, 'cpuSec', `${label} CPU s`, 3, cpu),
  ];
}

function microseconds(trial: string, phase: string, label: string, target: Target): Row[] {
  return [
    row(trial, phase, 'p50Us', `${label} p50 µs`, 0, target),
    row(trial, phase, 'p99Us', `${label} p99 µs`, 0, target),
  ];
}

function peak(trial: string): Row {
  return row(trial, 'load', 'peakMb', `${trial} peak MB`, 0, {
    kind: 'plus',
    make: 'bird',
    amount: 80,
  });
}

function exchangeRows(trial: string, label: string): Row[] {
  return [
    ...seconds(trial, 'load', `${label}, load`, {}),
    row(trial, 'death', 'deathMs', `${label}, death told while reloading ms`, 0, atMost(50)),
    ...seconds(trial, 'reload', `${label}, reload`, {}),
    ...seconds(trial, 'late', `${label}, late router`, {}),
    row(trial, 'load', 'peakMb', `${label}, peak MB`, 0),
  ];
}

function received(trial: string): Row[] {
  return [
    row(trial, 'load', 'messages', `${trial} messages to routers`, 0),
    row(trial, 'load', 'bytes', `${trial} bytes to routers`, 0),
  ];
}

function timesBest(factor: number): Target {
  return { kind: 'timesBest', factor };
}

function atMost(amount: number): Target {
  return { kind: 'atMost', amount };
}

function both(factor: number): Both {
  return { wall: timesBest(factor), cpu: timesBest(factor) };
}
