import type { StateName } from '#api/names.ts';
import type { State } from '#session/fsm.ts';

const stateNames = {
  Idle: 'idle',
  Connect: 'connect',
  Active: 'active',
  OpenSent: 'open_sent',
  OpenConfirm: 'open_confirm',
  Established: 'established',
} as const satisfies Record<State, StateName>;

/** Returns the state as the API, the metrics and the log spell it. */
export function stateName(state: State): StateName {
  return stateNames[state];
}
