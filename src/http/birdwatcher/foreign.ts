import { mount } from './envelope.ts';

/** What all routes of this folder have in common: they follow another program, and OpenAPI has nothing of them. */
export function foreign(url: string) {
  return {
    method: 'GET',
    url: `${mount}${url}`,
    summary: 'As birdwatcher answers it',
    tag: 'birdwatcher',
    isUndocumented: true,
  } as const;
}
