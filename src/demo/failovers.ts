/** An address that every router has by another node than before. */
export interface Move {
  readonly service: string;
  /** `undefined`: by nobody. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** From what was done to one of the two until the last router had told of it; absent when nothing was. */
  readonly tookMs?: number;
}

/** A move so long after a cause is not its effect: a hold time of 6 s, and some air. */
const effectMs = 10_000;

/** Watches the routers' tables: who serves each address, and how long a move took. */
export class Failovers {
  private readonly routers: readonly string[];
  /** When something was last done to a node. */
  private readonly causes = new Map<string, number>();
  /** By service, then by router. */
  private readonly holders = new Map<string, Map<string, string>>();
  private readonly servedBy = new Map<string, string>();

  constructor(routers: readonly string[]) {
    this.routers = routers;
  }

  /** Something is done to `node` that may move addresses. Times are of one monotonic clock. */
  caused(node: string, nowMs: number): void {
    this.causes.set(node, nowMs);
  }

  /** The node that all routers hold the service by. */
  server(service: string): string | undefined {
    return this.servedBy.get(service);
  }

  /** `router` now has `service` by `node`, or not at all. The move, if it was the last one to follow. */
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
