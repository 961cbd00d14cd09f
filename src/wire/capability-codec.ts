import {
  type Capability,
  type CapabilityKind,
  type CapabilityRow,
  capabilityRows,
  unknownCapability,
} from './capability.ts';

/** A capability as JSON shows it; `value` is left out if there is none. */
export interface CapabilityDescription {
  readonly code: number;
  readonly name: string;
  readonly value?: unknown;
}

const rowByCode = new Map(Object.values(capabilityRows).map((row) => [row.code, row]));

/**
 * Decodes the value of one capability; one with an unknown code is kept as it is. Returns `undefined` if the
 * value is malformed and the session cannot continue; this never happens for 73 and 75, which are only shown to
 * people.
 */
export function decodeCapability(code: number, value: Uint8Array): Capability | undefined {
  const row = rowByCode.get(code);
  return row === undefined ? unknownCapability(code, value) : row.decode(value);
}

/**
 * Encodes code, length and value of each capability, back to back (RFC 5492 §4); this is also the data of a 2/7
 * (§5).
 */
export function encodeCapabilities(capabilities: readonly Capability[]): Uint8Array {
  return Uint8Array.from(
    capabilities.flatMap((capability) => {
      const { code, value } = encoded(capability);
      return [code, value.length, ...value];
    }),
  );
}

/** Describes a capability; a family that is not supported is named by its numbers, `25/65`. */
export function describeCapability(capability: Capability): CapabilityDescription {
  if (capability.kind === 'unknown') {
    const octets = Array.from(capability.value, (octet) => octet.toString(16).padStart(2, '0'));
    return { code: capability.code, name: 'unknown', value: octets.join('') };
  }
  const row = rowOf(capability.kind);
  const { code, name } = row;
  const value = row.show(capability);
  return value === undefined ? { code, name } : { code, name, value };
}

function encoded(capability: Capability): { code: number; value: readonly number[] } {
  if (capability.kind === 'unknown') return { code: capability.code, value: [...capability.value] };
  const row = rowOf(capability.kind);
  return { code: row.code, value: row.encode(capability) };
}

function rowOf(kind: Exclude<CapabilityKind, 'unknown'>): CapabilityRow<Capability> {
  return capabilityRows[kind];
}
