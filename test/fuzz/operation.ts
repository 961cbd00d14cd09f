/** One thing that happens to the daemon under test. */
export type Operation =
  /** The peer connects; an earlier connection of its own is forgotten. */
  | { readonly kind: 'call'; readonly peer: string }
  /** Bytes over that connection, cut as `cuts` say: one chunk for each read. */
  | {
      readonly kind: 'bytes';
      readonly peer: string;
      readonly bytes: Uint8Array;
      readonly cuts: readonly number[];
    }
  /** A second connection beside it, which sends this and ends. */
  | { readonly kind: 'stray'; readonly peer: string; readonly bytes: Uint8Array }
  /** A second connection of a peer that has lost its first one unnoticed; it sends this OPEN. */
  | { readonly kind: 'recall'; readonly peer: string; readonly bytes: Uint8Array }
  | { readonly kind: 'hangUp'; readonly peer: string }
  /** A router comes back, and requests everything again before anything has been sent to it. */
  | { readonly kind: 'rejoin'; readonly peer: string }
  /** The operator ends an idle hold, resets, or makes a router slow, or fast again. */
  | { readonly kind: 'enable' | 'reset' | 'lag' | 'unlag'; readonly peer: string }
  | { readonly kind: 'wait'; readonly ms: number }
  /** Another configuration: policies change, and no session ends. */
  | { readonly kind: 'reload' }
  /** All waiting work is done, and everything is compared. */
  | { readonly kind: 'check' };

/** Writes an operation as a line, to be kept in a file. */
export function operationText(operation: Operation): string {
  switch (operation.kind) {
    case 'bytes': {
      const { peer, bytes, cuts } = operation;
      return `bytes ${peer} ${hexOf(bytes)} ${cuts.join()}`.trimEnd();
    }
    case 'stray':
    case 'recall':
      return `${operation.kind} ${operation.peer} ${hexOf(operation.bytes)}`;
    case 'wait':
      return `wait ${operation.ms}`;
    case 'check':
    case 'reload':
      return operation.kind;
    default:
      return `${operation.kind} ${operation.peer}`;
  }
}

export function parseOperation(line: string): Operation {
  const [kind, peer = '', hex = '', cuts = ''] = line.split(' ');
  const bytes = Uint8Array.from(Buffer.from(hex, 'hex'));
  switch (kind) {
    case 'bytes':
      return { kind, peer, bytes, cuts: cuts === '' ? [] : cuts.split(',').map(Number) };
    case 'stray':
    case 'recall':
      return { kind, peer, bytes };
    case 'wait':
      return { kind, ms: Number(peer) };
    case 'check':
    case 'reload':
      return { kind };
    case 'call':
    case 'hangUp':
    case 'rejoin':
    case 'enable':
    case 'reset':
    case 'lag':
    case 'unlag':
      return { kind, peer };
    default:
      throw new Error(`no operation: ${line}`);
  }
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
