/** The messages between the daemon and the thread that probes. */

export interface ProbeTarget {
  readonly key: string;
  readonly address: string;
  readonly kind: 'tcp' | 'http';
  readonly port: number;
  readonly path: string;
  /** The status codes of a node that works. */
  readonly expect: { readonly min: number; readonly max: number };
  /** The Host header; absent: the address. */
  readonly host?: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Our own address; absent: the system chooses. */
  readonly source?: string;
}

/** The targets from now on. */
export interface ProbeRequest {
  readonly targets: readonly ProbeTarget[];
}

export interface ProbeResult {
  readonly key: string;
  readonly isOk: boolean;
  /** Why it does not answer; for people. */
  readonly text: string;
}
