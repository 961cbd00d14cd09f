import { anOperator, type By, byText } from './by.ts';

/**
 * Returns an answer as readers without a token see it. Operators have no names, and what operators say is left out:
 * comments, the reason of a `disable` and the text of a shutdown (RFC 9003), whichever side sent it. Values that are
 * not plain data stay as they are, and a value that contains none of this is returned as the same object.
 */
export function anonymous<Value>(value: Value): Value;
export function anonymous(value: unknown): unknown {
  if (typeof value === 'string') return withoutShutdownText(value);
  if (Array.isArray(value)) return sameOr(value, value.map(anonymous));
  return isPlain(value) ? anonymousRecord(value) : value;
}

/** The keys that hold what operators say. */
const saidKeys: ReadonlySet<string> = new Set(['comment']);

function anonymousRecord(record: PlainRecord): PlainRecord {
  const keys = Object.keys(record);
  const isShown = (key: string): boolean =>
    !saidKeys.has(key) && anonymousPart(record, key, record[key]) === record[key];
  if (keys.every(isShown)) return record;
  const shown = keys.filter((key) => !saidKeys.has(key));
  return Object.fromEntries(shown.map((key) => [key, anonymousPart(record, key, record[key])]));
}

function anonymousPart(record: PlainRecord, key: string, part: unknown): unknown {
  if (key === 'by' && isPlain(part)) return anOperator;
  if (key === 'disabled' && isPlain(part)) return without(part, 'reason');
  if (key === 'text' && typeof part === 'string') return anonymousText(record, part);
  return anonymous(part);
}

/** The line of an event repeats what its fields say. */
function anonymousText(record: PlainRecord, line: string): string {
  const { kind, by, comment } = record;
  if (kind === 'note') return 'note by operator';
  const unsaid = typeof comment === 'string' ? line.replace(`: ${comment}`, '') : line;
  const unnamed = isPlain(by) ? unsaid.replace(byText(by as By), byText(anOperator)) : unsaid;
  const shown = causesIn(record).reduce(
    (text, said) => text.replaceAll(said, withoutShutdownText(said)),
    unnamed,
  );
  return withoutShutdownText(shown);
}

/** Returns what the causes of an event say, which its line contains. */
function causesIn({ cause, failover, summary }: PlainRecord): string[] {
  const holders = [{ cause }, failover, summary].filter(isPlain);
  return holders.flatMap((holder) => {
    const text = isPlain(holder.cause) ? holder.cause.text : undefined;
    return typeof text === 'string' && text !== '' ? [text] : [];
  });
}

/**
 * Removes everything up to the end, since whoever wrote the text may have written anything. A bracket around the whole
 * is ours.
 */
function withoutShutdownText(line: string): string {
  return line.replace(/(administrative (?:shutdown|reset)): [^]*?(\)?)$/i, '$1$2');
}

function without(record: PlainRecord, key: string): PlainRecord {
  const { [key]: _, ...others } = record;
  return others;
}

function sameOr(before: readonly unknown[], after: readonly unknown[]): readonly unknown[] {
  return after.every((part, index) => part === before[index]) ? before : after;
}

type PlainRecord = Readonly<Record<string, unknown>>;

function isPlain(value: unknown): value is PlainRecord {
  return (
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  );
}
