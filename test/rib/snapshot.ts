/** Memos of the last answer, which are not part of the state because the answers are the same without them. */
const memos: ReadonlySet<string> = new Set(['lastErrors']);

/**
 * Returns everything that can be reached from an object as one text, columns byte by byte: equal texts mean equal
 * state. Functions are omitted.
 */
export function snapshot(root: object): string {
  const seen = new Map<object, number>();
  const lines: string[] = [];
  const nameOf = (value: unknown): string => {
    if (typeof value === 'bigint') return `${value}n`;
    if (typeof value === 'function') return 'function';
    if (typeof value !== 'object' || value === null) return String(value);
    const known = seen.get(value);
    if (known !== undefined) return `#${known}`;
    const id = seen.size;
    seen.set(value, id);
    lines.push(
      `#${id} ${contentOf(value)
        .map(([key, part]) => `${key}=${nameOf(part)}`)
        .join(' ')}`,
    );
    return `#${id}`;
  };
  nameOf(root);
  return lines.join('\n');
}

function contentOf(value: object): (readonly [string, unknown])[] {
  if (value instanceof ArrayBuffer) return [['bytes', Buffer.from(value).toString('latin1')]];
  if (ArrayBuffer.isView(value)) {
    const { buffer, byteOffset, byteLength } = value;
    const bytes = Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
    return [['bytes', bytes.toString('latin1')]];
  }
  if (value instanceof Map)
    return [...value].flatMap(([key, part]) => [
      ['key', key],
      ['', part],
    ]);
  if (value instanceof Set) return [...value].map((part) => ['', part]);
  return Object.entries(value).filter(([key]) => !memos.has(key));
}
