import { mount } from './envelope.ts';

/**
 * What all routes of this folder share: their format is that of another program, so they are not in the OpenAPI
 * document.
 */
export function foreign(url: string) {
  return {
    method: 'GET',
    url: `${mount}${url}`,
    summary: 'The answer of birdwatcher to this request',
    tag: 'birdwatcher',
    isUndocumented: true,
  } as const;
}
