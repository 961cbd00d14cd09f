import type { Operation } from './operation.ts';
import { World } from './world.ts';

/** Plays the operations in a world of their own; returns the first line of what went wrong, or nothing. */
export async function replay(operations: readonly Operation[]): Promise<string | undefined> {
  const world = new World();
  try {
    for (const operation of operations) await world.apply(operation);
    await world.apply({ kind: 'check' });
    return undefined;
  } catch (error) {
    return headline(error);
  }
}

/** Returns the first line without numbers and names, so that the same fault is recognized. */
export function headline(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n')[0].replaceAll(/[0-9a-f.:]*\d[0-9a-f.:/]*/g, '#');
}

/**
 * Returns fewer operations that fail in the same way: the shortest tail that does, then without every part that can be
 * left out, then with fewer bytes. Stops after `seconds`.
 */
export async function shrink(
  operations: readonly Operation[],
  fault: string,
  seconds = 60,
): Promise<readonly Operation[] | undefined> {
  const deadline = performance.now() + seconds * 1000;
  const isSame = async (some: readonly Operation[]): Promise<boolean> =>
    performance.now() < deadline && (await replay(some)) === fault;
  const tail = await shortestTail(operations, isSame);
  if (tail === undefined) return undefined;
  const few = await withoutParts(tail, isSame);
  return withoutParts(singleMessages(few), isSame);
}

type Test = (operations: readonly Operation[]) => Promise<boolean>;

async function shortestTail(
  operations: readonly Operation[],
  isSame: Test,
): Promise<readonly Operation[] | undefined> {
  for (let length = 16; ; length *= 4) {
    const tail = operations.slice(-length);
    if (await isSame(tail)) return tail;
    if (length >= operations.length) return undefined;
  }
}

/** Leaves out halves, then quarters, down to single operations (Zeller's ddmin). */
async function withoutParts(
  operations: readonly Operation[],
  isSame: Test,
): Promise<readonly Operation[]> {
  let left = operations;
  for (
    let size = Math.ceil(left.length / 2);
    size >= 1;
    size = size === 1 ? 0 : Math.ceil(size / 2)
  ) {
    for (let at = 0; at < left.length;) {
      const fewer = left.toSpliced(at, size);
      if (await isSame(fewer)) left = fewer;
      else at += size;
    }
  }
  return left;
}

/** Bytes of several messages become several operations, where the cuts allow it. */
function singleMessages(operations: readonly Operation[]): readonly Operation[] {
  return operations.flatMap((operation): Operation[] => {
    if (operation.kind !== 'bytes') return [operation];
    return messagesOf(operation.bytes).map((bytes) => ({ ...operation, bytes, cuts: [] }));
  });
}

function messagesOf(bytes: Uint8Array): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = bytes.length - at < 19 ? 0 : (bytes[at + 16] << 8) | bytes[at + 17];
    const end = length < 19 ? bytes.length : Math.min(at + length, bytes.length);
    found.push(bytes.slice(at, end));
    at = end;
  }
  return found;
}
