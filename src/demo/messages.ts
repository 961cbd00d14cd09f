/** The messages that the processes of the demo send each other over the IPC channel: plain data, as JSON. */

/** Sent to an announcer: the result of its health check. */
export interface HealthMessage {
  readonly kind: 'health';
  readonly isHealthy: boolean;
}

/** Sent by an announcer or a router: the state of its session with the route server. */
export interface SessionMessage {
  readonly kind: 'session';
  readonly isUp: boolean;
}

/** A route as a router holds it. */
export interface HeldRoute {
  /** As CIDR text. */
  readonly prefix: string;
  readonly nextHop: string;
  readonly med: number;
  readonly asPath: readonly number[];
}

/** Sent by a router after each change: its whole table. */
export interface TableMessage {
  readonly kind: 'table';
  readonly routes: readonly HeldRoute[];
}

export type ChildMessage = SessionMessage | TableMessage;
