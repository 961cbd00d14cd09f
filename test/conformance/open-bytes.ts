import { message, MessageType } from '#support/raw-message.ts';
import { u16, u32 } from './bytes.ts';
import { sourceAs } from './case.ts';

/** A capability as it is on the wire: code, length, value. */
export type CapabilityBytes = readonly number[];

export function capability(code: number, ...value: number[]): CapabilityBytes {
  return [code, value.length, ...value];
}

export const multiprotocolIpv4 = capability(1, 0, 1, 0, 1);
export const multiprotocolIpv6 = capability(1, 0, 2, 0, 1);
export const routeRefresh = capability(2);
export const extendedMessage = capability(6);
export const enhancedRefresh = capability(70);

export function fourOctetAs(as: number): CapabilityBytes {
  return capability(65, ...u32(as));
}

/** 1 receive, 2 send, 3 both, for both families. */
export function addPath(mode: number): CapabilityBytes {
  return capability(69, 0, 1, 1, mode, 0, 2, 1, mode);
}

export interface OpenParts {
  readonly version?: number;
  readonly as?: number;
  readonly holdTimeSec?: number;
  /** Dotted quad. */
  readonly routerId?: string;
  /** All in one parameter. Default: both families and the 4-octet AS. */
  readonly capabilities?: readonly CapabilityBytes[];
  /** Everything after the octet Opt Parm Len, in place of `capabilities`. */
  readonly parameters?: readonly number[];
  /** Opt Parm Len; the right value unless given. */
  readonly parametersLength?: number;
}

/** My Autonomous System of a speaker that has a longer AS number (RFC 6793 §9). */
const asTrans = 23_456;

/** What a peer offers unless a case says otherwise. */
export function usualCapabilities(as: number): CapabilityBytes[] {
  return [multiprotocolIpv4, multiprotocolIpv6, routeRefresh, fourOctetAs(as), enhancedRefresh];
}

/** One Capabilities parameter. */
export function capabilitiesParameter(...capabilities: CapabilityBytes[]): readonly number[] {
  return parameter(2, capabilities.flat());
}

export function parameter(type: number, value: readonly number[]): readonly number[] {
  return [type, value.length, ...value];
}

/** The same with a length of two octets (RFC 9072 §2). */
export function longParameter(type: number, value: readonly number[]): readonly number[] {
  return [type, ...u16(value.length), ...value];
}

/** The parameters in the extended format: type 255, their length in two octets, and then the parameters. */
export function extended(parameters: readonly number[], length = parameters.length): number[] {
  return [255, ...u16(length), ...parameters];
}

export function openMessage(parts: OpenParts): Buffer {
  const { version = 4, as = sourceAs, holdTimeSec = 90, routerId = '10.0.0.1' } = parts;
  const capabilities = parts.capabilities ?? usualCapabilities(as);
  const parameters =
    parts.parameters ?? (capabilities.length === 0 ? [] : capabilitiesParameter(...capabilities));
  const length = parts.parametersLength ?? parameters.length;
  const fixed = [version, ...u16(as > 0xffff ? asTrans : as), ...u16(holdTimeSec)];
  const identifier = routerId.split('.').map(Number);
  return message(
    MessageType.open,
    Buffer.from([...fixed, ...identifier, length & 0xff, ...parameters]),
  );
}
