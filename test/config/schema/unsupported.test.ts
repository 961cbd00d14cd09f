import { describe, expect, test } from 'vitest';
import { withoutEffect } from '#config/schema/unsupported.ts';
import { configOf, minimal, problemsOf, withPeer } from '../files.ts';

describe('keys that this version cannot do', () => {
  test.each([['bmp: [{ collector: "127.0.0.1:1790" }]', '3:1 bmp: not supported yet']])(
    '%s',
    (line, want) => {
      expect(problemsOf(minimal(`${line}\n`))).toEqual([want]);
    },
  );

  test('their documented defaults ask for nothing and pass', () => {
    const text = withPeer('observer: false').replace('peers:', 'peer_ranges: []\nbmp: []\npeers:');
    expect(problemsOf(text)).toEqual([]);
  });
});

describe('keys that are kept without effect', () => {
  test('are named when they are in use', () => {
    const text = withPeer('name: W1').replace('peers:', 'history: { max_age: 1d }\npeers:');
    expect(withoutEffect(configOf(text))).toEqual(['history']);
  });

  test('have one with a state_dir', () => {
    const text = withPeer('name: W1').replace(
      'peers:',
      'history: { max_age: 1d }\nstate_dir: state\npeers:',
    );
    expect(withoutEffect(configOf(text))).toEqual([]);
  });

  test('are not when they are not', () => {
    expect(withoutEffect(configOf(withPeer('')))).toEqual([]);
  });
});
