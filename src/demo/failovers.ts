/** A service address that every router now has from a different node. */
export interface Move {
  readonly service: string;
  /** `undefined` if no node served the address. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  /**
   * The time from the action on one of the two nodes until the last router reported the change; absent if there was no
   * action.
   */
  readonly tookMs?: number;
}

/** A move this long after a cause is not its effect: a hold time of 6 s and some margin. */
const effectMs = 10_000;

/** Follows the routers' tables: which node serves each address, and how long a move took. */
export class Failovers {
  private readonly routers: readonly string[];
  /** When each node was last acted on. */
  private readonly causes = new Map<string, number>();
  /** The node that each router uses, by service, then by router. */
  private readonly holders = new Map<string, Map<string, string>>();
  private readonly servedBy = new Map<string, string>();

  constructor(routers: readonly string[]) {
    this.routers = routers;
  }

  /** Records that something was done to `node` that may move addresses. All times are of one monotonic clock. */
  caused(node: string, nowMs: number): void {
    this.causes.set(node, nowMs);
  }

  /** Returns the node from which all routers have the service. */
  server(service: string): string | undefined {
    return this.servedBy.get(service);
  }

  /**
   * Records that `router` now has `service` from `node`, or not at all. Returns the move if this router was the last to
   * follow.
   */
  held(service: string, router: string, node: string | undefined, nowMs: number): Move | undefined {
    const holders = this.holders.get(service) ?? new Map<string, string>();
    this.holders.set(service, holders);
    set(holders, router, node);
    const from = this.servedBy.get(service);
    const isAgreed = this.routers.every((one) => holders.get(one) === node);
    if (!isAgreed || from === node) return undefined;
    set(this.servedBy, service, node);
    const tookMs = nowMs - Math.max(this.causeOf(from), this.causeOf(node));
    return { service, from, to: node, ...(tookMs < effectMs && { tookMs }) };
  }

  private causeOf(node: string | undefined): number {
    return node === undefined ? -Infinity : (this.causes.get(node) ?? -Infinity);
  }
}

function set(map: Map<string, string>, key: string, value: string | undefined): void {
  if (value === undefined) map.delete(key);
  else map.set(key, value);
}
