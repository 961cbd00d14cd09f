import { describe, expect, test } from 'vitest';
import { withoutEffect } from '#config/without-effect.ts';
import { configOf, withPeer } from './files.ts';

describe('keys that are kept without effect', () => {
  test('are named when they are in use', () => {
    const text = withPeer('name: W1').replace('peers:', 'history: { max_age: 1d }\npeers:');
    expect(withoutEffect(configOf(text))).toEqual(['history']);
  });

  test('are not named if they have an effect, with a state_dir', () => {
    const text = withPeer('name: W1').replace(
      'peers:',
      'history: { max_age: 1d }\nstate_dir: state\npeers:',
    );
    expect(withoutEffect(configOf(text))).toEqual([]);
  });

  test('are not named when they are not in use', () => {
    expect(withoutEffect(configOf(withPeer('')))).toEqual([]);
  });
});
