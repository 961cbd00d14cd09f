import htm from 'htm';
import { h, type VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { printable } from '#text/printable.ts';

/** A part of a page. */
export type Html = VNode | VNode[] | string | number | undefined | false | readonly Html[];

/** htm's own types are those of a CommonJS module, and it is an ES module. */
interface Htm {
  bind(element: unknown): Template;
}
type Template = (strings: TemplateStringsArray, ...values: unknown[]) => VNode;

/**
 * Markup as a tagged template. What is put in is text or an attribute's value and never markup, and what could change
 * the direction of a line or cannot be seen is a blank: descriptions, reasons and host names are written by others.
 */
export const html = (htm as unknown as Htm).bind(element);

/** Returns the text of a part. */
export function textOf(part: VNode): string {
  return renderToString(part);
}

function element(
  type: string,
  props: Readonly<Record<string, unknown>> | null,
  ...children: unknown[]
): VNode {
  const safe = Object.entries(props ?? {}).map(([name, value]) => [name, shown(value)] as const);
  return h(type, Object.fromEntries(safe), ...(children.map(shown) as VNode[]));
}

function shown(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shown);
  return typeof value === 'string' ? printable(value) : value;
}
