import { parseAsn } from '#text/asn.ts';
import { nearest } from '#text/nearest.ts';
import type { YamlNode } from './document.ts';
import { accepts, choices, type SchemaView } from './schema-check.ts';
import { withoutSecrets } from './secrets.ts';

type ScalarNode = YamlNode & { kind: 'scalar' };

/**
 * Returns the value of a scalar under its schema. A number counts only as plain decimal digits, or as asdot
 * (RFC 5396) where an AS is expected: YAML would also read `0x10`, `010` and `1e3` as numbers, and `1.0` as 1.
 * Returns `undefined` for anything that is not accepted.
 */
export function valueOf(schema: SchemaView, node: ScalarNode): ScalarNode['value'] {
  const value = readNumber(schema, node);
  return value !== undefined && accepts(schema, value) ? value : undefined;
}

function readNumber(schema: SchemaView, { value, text }: ScalarNode): ScalarNode['value'] {
  if (typeof value !== 'number' || plainNumber.test(text)) return value;
  return takesAsn(schema) ? parseAsn(text) : undefined;
}

const plainNumber = /^-?(0|[1-9]\d*)$/;

function takesAsn(schema: SchemaView): boolean {
  return kindsOf(schema).some((kind) => kind.asdot === true);
}

/** Describes what was found instead of what was expected, without what looks secret in it. */
export function describe(node: YamlNode): string {
  if (node.kind === 'map') return 'a map';
  if (node.kind === 'list') return node.items.length === 0 ? 'an empty list' : 'a list';
  if (node.value === undefined) return 'nothing';
  if (typeof node.value === 'string') return JSON.stringify(shorten(withoutSecrets(node.value)));
  return shorten(node.text);
}

/** Returns what to write instead, after a semicolon; empty if that cannot be guessed. */
export function hintFor(schema: SchemaView, node: YamlNode): string {
  if (node.kind !== 'scalar' || node.value === undefined) return '';
  if (typeof node.value !== 'string') return numberHint(schema, node);
  const number = numberMeant(schema, node.value);
  if (number !== undefined) return number;
  if (schema.type === 'boolean') return booleanHint(node.value);
  const near = nearest(node.value, choices(schema));
  return near === undefined ? '' : `; did you mean ${near}?`;
}

/** For a number or a boolean, which YAML takes for one because it has no quotes. */
function numberHint(schema: SchemaView, { value, text }: ScalarNode): string {
  const kinds = kindsOf(schema);
  if (kinds.some(({ type }) => type === 'integer' || type === 'number')) {
    const isNotation = typeof value === 'number' && !plainNumber.test(text);
    return isNotation ? '; write it in plain decimal digits' : '';
  }
  const wanted = kinds.find(({ type }) => type === 'string');
  if (wanted?.ofNumber !== undefined) return partsHint(wanted.ofNumber, text);
  return wanted !== undefined && accepts(wanted, text)
    ? `; write "${shorten(text)}" in quotes`
    : '';
}

/** Returns the schema, or the branches of a union, also of one within. */
function kindsOf(schema: SchemaView): readonly SchemaView[] {
  return schema.anyOf?.flatMap(kindsOf) ?? [schema];
}

function partsHint(ofNumber: string, text: string): string {
  const isPart = ofNumber !== '' && plainNumber.test(text) && isUnsigned16(Number(text));
  return isPart ? `; ${ofNumber.replace('N', text)}` : '';
}

function isUnsigned16(value: number): boolean {
  return value >= 0 && value <= 0xffff;
}

/** Handles `"65001"`, `" 65001"`, `+65001` and `AS65001` where 65001 is expected. */
function numberMeant(schema: SchemaView, value: string): string | undefined {
  const [, prefix, digits] = /^\s*\+?(asn?\s*)?([\d.]+)\s*$/i.exec(value) ?? [];
  if (digits === undefined || (prefix !== undefined && !takesAsn(schema))) return undefined;
  const meant: ScalarNode = {
    kind: 'scalar',
    offset: 0,
    size: 1,
    value: Number(digits),
    text: digits,
  };
  if (valueOf(schema, meant) === undefined) return undefined;
  return digits === value ? `; write ${digits} without quotes` : `; write ${digits}`;
}

/** YAML 1.1 reads these words as booleans, YAML 1.2 as text. */
function booleanHint(value: string): string {
  if (/^(yes|y|on)$/i.test(value)) return '; write true';
  return /^(no|n|off)$/i.test(value) ? '; write false' : '';
}

export function shorten(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 57)}…`;
}
