import { expect, test } from 'vitest';
import { Lab } from '../given.ts';

const service = '2001:db8:30::1/128';

test('repeated announcements, and withdrawals of unknown prefixes, are not prefix changes', () => {
  const it = new Lab();
  const counted = (): number[] => {
    const { announcedIn, withdrawnIn } = it.rib.peer(it.nodes[0]).counts[1];
    return [announcedIn, withdrawnIn];
  };
  const steps: readonly (readonly [() => unknown, number[]])[] = [
    [() => it.withdraw(1, service), [0, 0]],
    [() => it.announce(1, service, 100), [1, 0]],
    [() => it.announce(1, service, 100), [1, 0]],
    [() => it.announce(1, service, 101), [2, 0]],
    [() => it.withdraw(1, service), [2, 1]],
    [() => it.withdraw(1, service), [2, 1]],
  ];
  for (const [play, expected] of steps) {
    play();
    expect(counted()).toEqual(expected);
  }
});
