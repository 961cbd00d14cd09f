/** The routes that all routers must hold in the end, and those that they may hold before that. */
export class Expectation {
  /** The key of each prefix's route; 0 for none. */
  readonly keys: Uint32Array;
  /** Every route that a node has announced: no other may reach a router. */
  readonly announced = new Set<number>();

  constructor(prefixes: number) {
    this.keys = new Uint32Array(prefixes);
  }
}

/** The routes that one router was sent: a column of route keys, and how many of them are not as expected yet. */
export class RouterTable {
  messages = 0;
  bytes = 0;
  updates = 0;
  announcements = 0;
  withdrawals = 0;
  /** The number of prefixes whose route is not the expected one. */
  wrong = 0;
  private readonly expected: Uint32Array;
  private readonly keys: Uint32Array;

  constructor(expected: Uint32Array) {
    this.expected = expected;
    this.keys = new Uint32Array(expected.length);
    this.recount();
  }

  set(prefix: number, key: number): void {
    const want = this.expected[prefix];
    const had = this.keys[prefix];
    this.keys[prefix] = key;
    if (had === want) this.wrong++;
    if (key === want) this.wrong--;
  }

  isRight(prefix: number): boolean {
    return this.keys[prefix] === this.expected[prefix];
  }

  /** To be called after the expectation has changed. */
  recount(): void {
    let wrong = 0;
    for (let prefix = 0; prefix < this.keys.length; prefix++) {
      if (this.keys[prefix] !== this.expected[prefix]) wrong++;
    }
    this.wrong = wrong;
  }

  /** The session has ended, and its routes are gone. */
  clear(): void {
    this.keys.fill(0);
    this.recount();
  }
}
