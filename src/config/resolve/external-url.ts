import type { Scope } from '#yaml/scope.ts';
import type { ConfigSource } from '../schema/schema.ts';

/**
 * Returns the address under which a proxy shows the daemon, with a slash at its end; reports an invalid one.
 */
export function resolveExternalUrl(
  scope: Scope,
  source: NonNullable<ConfigSource['http']>,
): string | undefined {
  const { external_url: text } = source;
  if (text === undefined) return undefined;
  const fault = faultOf(text);
  if (fault === undefined) return new URL(text).href.replace(/\/*$/, '/');
  scope.problems.add(scope.places.ofValue(source, 'external_url'), `external_url: ${fault}`);
  return undefined;
}

function faultOf(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    return `${text} is not the address of a web page; expected one such as https://noc.example.net/rs9/`;
  }
  if (url.username !== '' || url.password !== '')
    return 'it must not contain a user name or password';
  if (url.search !== '' || url.hash !== '') return `${text} must not contain ? or #`;
  return undefined;
}
