import type { CapabilityView, ErrorView, OpenView, PeerView } from '#api/views/peer.ts';

/** Returns the direction, what was said and the codes: `sent: hold timer expired (4/0)`. */
export function sessionErrorText({ direction, text, code, subcode }: ErrorView): string {
  const codes = code === undefined ? '' : ` (${code}/${subcode ?? 0})`;
  return `${direction === undefined ? '' : `${direction}: `}${text}${codes}`;
}

/**
 * Returns since when the peer is up, down or disabled; `undefined` if it has not been up. A peer that is down enters a new
 * state with each attempt to connect, which says nothing.
 */
export function settledSince({ state, enabled, since, down_since }: PeerView): string | undefined {
  return state === 'established' || !enabled ? since : down_since;
}

/** A field or a capability, and its value in the OPENs that have it. */
export interface Offer {
  readonly name: string;
  readonly sent: string | undefined;
  readonly received: string | undefined;
}

/** Returns the fields of both OPENs side by side. */
export function openFields({ open }: PeerView): Offer[] {
  if (open === undefined) return [];
  const { sent, received } = open;
  const row = (name: string, of: (one: OpenView) => string): Offer => ({
    name,
    sent: of(sent),
    received: of(received),
  });
  return [
    row('AS', ({ as }) => String(as)),
    row('hold time', ({ hold_time_s: seconds }) => `${seconds} s`),
    row('router id', ({ router_id: id }) => id),
  ];
}

/** Returns the capabilities of both OPENs side by side, so that what only one side offers stands out. */
export function offers({ sent, received }: PeerView['capabilities']): Offer[] {
  const names = [...new Set([...sent, ...received].map(capabilityLabel))].sort();
  return names.map((name) => ({
    name,
    sent: offered(sent, name),
    received: offered(received, name),
  }));
}

/** A capability that is offered once per family has a row for each. */
function capabilityLabel({ code, name, value }: CapabilityView): string {
  const family = code === multiprotocolCode ? ` ${valueText(value)}` : '';
  return `${String(code).padStart(3)} ${name}${family}`;
}

/** Returns a capability with what it carries: `graceful_restart restart_time 120`. */
export function capabilityText({ name, value }: Pick<CapabilityView, 'name' | 'value'>): string {
  return [name, valueText(value)].filter((text) => text !== '').join(' ');
}

/** RFC 4760 §8. */
const multiprotocolCode = 1;

function offered(list: readonly CapabilityView[], label: string): string | undefined {
  const found = list.find((one) => capabilityLabel(one) === label);
  if (found === undefined) return undefined;
  return found.code === multiprotocolCode ? 'yes' : valueText(found.value) || 'yes';
}

/** Shows only the properties of an object that are true or set: `restart_time_s 120, notification`. */
function valueText(value: unknown): string {
  if (value === undefined) return '';
  if (Array.isArray(value)) return value.map(valueText).join(', ');
  if (typeof value !== 'object' || value === null) return String(value);
  const shown = Object.entries(value).filter(([, inner]) => inner !== false);
  const texts = shown.map(([key, inner]) => (inner === true ? key : `${key} ${valueText(inner)}`));
  return texts.filter((text) => !text.endsWith(' ')).join(', ');
}
