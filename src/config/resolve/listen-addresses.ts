import {
  formatAddress,
  formatEndpoint,
  isIpv4Mapped,
  isUnspecified,
  mappedText,
  parseEndpoint,
} from '#text/address.ts';
import { TextError } from '#text/text-error.ts';
import { parsedList, type Scope } from '#yaml/scope.ts';
import type { ListenAddress } from '../config.ts';

interface ListenRules {
  /** Where the daemon listens for something else. */
  readonly taken: readonly ListenAddress[];
  /** The key whose default `taken` is; absent if it was given. */
  readonly takenByDefaultOf?: string;
  /** An address of `::` includes every IPv4 address. */
  readonly isDualStack: boolean;
}

const bgpRules: ListenRules = { taken: [], isDualStack: false };

/**
 * Resolves addresses with their ports: one that cannot be open beside another, or beside one of `taken`, is an error.
 */
export function resolveListen(
  scope: Scope,
  container: object,
  key: string,
  value: string | readonly string[],
  { taken, takenByDefaultOf, isDualStack }: ListenRules = bgpRules,
): ListenAddress[] {
  const seen = [...taken];
  const sharesIpv4 = (one: ListenAddress): boolean =>
    isDualStack && (one.address.length === 4 || !taken.includes(one));
  return parsedList(scope, container, key, value, (text) => {
    const endpoint = parseEndpoint(text);
    const { address, zone } = endpoint;
    if (isIpv4Mapped(address)) throw new TextError('bad_endpoint', mappedText(text));
    const host = formatAddress(address, zone);
    const listen = { ...endpoint, host, text: formatEndpoint(endpoint) };
    const other = seen.find((one) => excludes(one, listen, sharesIpv4(one)));
    if (other !== undefined) {
      const defaultOf = taken.includes(other) ? takenByDefaultOf : undefined;
      throw new TextError('bad_endpoint', exclusionText(listen, other, defaultOf));
    }
    seen.push(listen);
    return listen;
  });
}

function exclusionText(
  { text }: ListenAddress,
  other: ListenAddress,
  defaultOf: string | undefined,
): string {
  const isSame = other.text === text;
  if (defaultOf === undefined) {
    return `${text} ${isSame ? 'is given twice' : `cannot be open beside ${other.text}`}; remove one`;
  }
  const fault = isSame ? 'is also' : `cannot be open beside ${other.text},`;
  return `${text} ${fault} the default of ${defaultOf}; choose another port for one of them`;
}

/** Returns whether the kernel refuses to listen on both. For port 0 it chooses a different port each time. */
function excludes(one: ListenAddress, other: ListenAddress, isDualStack: boolean): boolean {
  if (one.port !== other.port || one.port === 0) return false;
  if (one.text === other.text) return true;
  const wide = [one, other].filter(({ address }) => isUnspecified(address));
  if (one.address.length === other.address.length) return wide.length > 0;
  return isDualStack && wide.some(({ address }) => address.length === 16);
}
