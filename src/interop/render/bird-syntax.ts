/** BIRD 2 and 3 by one name, and BIRD 1.6, whose filters are the same and whose protocols differ. */
export type BirdDaemon = 'bird' | 'bird1.6';

/** What the file is called in its first lines, and what was tested. */
export const birdTitles = {
  bird: { name: 'BIRD 2', tested: 'Tested with BIRD 2.0.12; the syntax is valid for BIRD 3, too.' },
  'bird1.6': { name: 'BIRD 1.6', tested: 'Tested with BIRD 1.6.8.' },
} as const satisfies Record<BirdDaemon, object>;

export const birdFamilies = ['ipv4', 'ipv6'] as const;
export type BirdFamily = (typeof birdFamilies)[number];

/** The program of BIRD 1.6 that has the routes of a family: one program has only one. */
export const bird1Programs = { ipv4: 'bird', ipv6: 'bird6' } as const satisfies Record<
  BirdFamily,
  string
>;

/**
 * Returns what a protocol says about the routes of a family: BIRD 2 has a channel for each family, and in BIRD 1.6 the
 * words belong to the protocol itself. Without words, the protocol only has the family.
 */
export function birdChannel(
  daemon: BirdDaemon,
  family: BirdFamily,
  words: readonly string[] = [],
): string | undefined {
  const joined = words.join(' ');
  if (daemon === 'bird') return joined === '' ? `${family};` : `${family} { ${joined} };`;
  return joined === '' ? undefined : joined;
}
