import { anOperator, type By, byText } from './by.ts';

/**
 * Returns an answer as readers without a token see it: an operator has no name, and what operators say is left
 * out, be it a comment, the reason of a `disable` or the text of a shutdown (RFC 9003), whichever side sent it.
 * What is not plain data stays as it is, and so does, as the same object, what holds nothing of all that.
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

/** The line of an event says again what its fields say. */
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

/** What the causes of an event say, which its line has in its midst. */
function causesIn({ cause, failover, summary }: PlainRecord): string[] {
  const holders = [{ cause }, failover, summary].filter(isPlain);
  return holders.flatMap((holder) => {
    const text = isPlain(holder.cause) ? holder.cause.text : undefined;
    return typeof text === 'string' && text !== '' ? [text] : [];
  });
}

/** To the end: whoever wrote it may have written anything. A bracket around the whole is ours. */
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
