import { describe, expect, it, test } from 'vitest';
import { planProcess } from '#config/plan.ts';
import { warningsOf } from '#config/warnings.ts';
import { configOf, minimal, problemsOf } from '../files.ts';

const one = 'rpki: { caches: [{ address: "127.0.0.1:3323" }] }\n';

describe('the caches', () => {
  it('are ordered by preference, then as they were given, and have defaults', () => {
    const { rpki } = configOf(
      minimal(`rpki:
  caches:
    - { name: far, address: "192.0.2.1:323", preference: 2 }
    - { name: near, address: "[::1]:3323" }
    - { address: "127.0.0.1:3323" }
`),
    );
    expect(rpki).toMatchObject({
      caches: [
        { name: 'near', preference: 1, endpoint: { text: '[::1]:3323', port: 3323 } },
        { name: '127.0.0.1:3323' },
        { name: 'far', preference: 2 },
      ],
      refreshMs: 3_600_000,
      retryMs: 600_000,
      expireMs: 7_200_000,
      aspa: false,
    });
  });

  it('have their TCP MD5 key from a file', () => {
    const text = minimal('rpki: { caches: [{ address: "127.0.0.1:3323", password_file: key }] }\n');
    const [cache] = configOf(text, { '/etc/key': 'secret\n' }).rpki?.caches ?? [];
    expect(cache.password?.reveal()).toBe('secret');
    expect(JSON.stringify(configOf(text, { '/etc/key': 'secret\n' }))).not.toContain('"secret"');
    expect(problemsOf(text)).toEqual(['3:62 password_file: /etc/key cannot be read: no such file']);
  });

  it.each([
    ['caches: []', '3:17 caches: expected a list that is not empty; got an empty list'],
    ['caches: [{ address: "::1" }]', expect.stringContaining('3:')],
    [
      'caches: [{ address: "0.0.0.0:1" }]',
      '3:29 address: 0.0.0.0:1: not the address of a single host',
    ],
    ['caches: [{ address: "[::]:1" }]', '3:29 address: [::]:1: not the address of a single host'],
    [
      'caches: [{ address: "224.0.0.5:1" }]',
      '3:29 address: 224.0.0.5:1: not the address of a single host',
    ],
    [
      'caches: [{ address: "[ff02::1]:1" }]',
      '3:29 address: [ff02::1]:1: not the address of a single host',
    ],
    [
      'caches: [{ address: "255.255.255.255:1" }]',
      '3:29 address: 255.255.255.255:1: not the address of a single host',
    ],
    ['caches: [{ address: "127.0.0.1:0" }]', '3:29 address: give a port above 0'],
    [
      'caches: [{ address: "127.0.0.1:1" }, { address: "127.0.0.1:1" }]',
      expect.stringContaining('another cache already has the name 127.0.0.1:1'),
    ],
    [
      'caches: [{ name: a, address: "127.0.0.1:1" }, { name: b, address: "127.0.0.1:1" }]',
      expect.stringContaining('127.0.0.1:1 is given twice'),
    ],
    [
      'caches: [{ address: "127.0.0.1:1" }], expire: 30m',
      expect.stringContaining('expire: must be more than refresh and retry'),
    ],
  ])('rpki: { %s } is refused', (given, problem) => {
    expect(problemsOf(minimal(`rpki: { ${given} }\n`))).toEqual([problem]);
  });

  it('whose key has changed are connected to again', () => {
    const text = minimal('rpki: { caches: [{ address: "127.0.0.1:3323", password_file: key }] }\n');
    const before = configOf(text, { '/etc/key': 'secret' });
    const keysOf = (key: string) =>
      planProcess(before, configOf(text, { '/etc/key': key })).map((row) => row.key);
    expect(keysOf('secret')).toEqual([]);
    expect(keysOf('another')).toEqual(['rpki']);
  });
});

describe('rules that ask for aspa', () => {
  const policies =
    'policies: { p: [{ match: { aspa: invalid }, then: reject }, { then: accept }] }';
  it.each([
    [
      'import: p',
      '4:9 role is missing: p matches aspa, which depends on our role toward the peer; add role',
    ],
    ['export: p, role: rs', '4:9 export: p matches aspa, which only import policies can do'],
    ['import: p, role: rs', undefined],
  ])('in %s', (keys, problem) => {
    const text = minimal(`${policies}\npeers: [{ address: 192.0.2.1, peer_as: 65001, ${keys} }]\n`);
    expect(problemsOf(text)).toEqual(problem === undefined ? [] : [problem]);
  });
});

test.each([
  [
    'a policy that accepts only what is valid',
    `${one}policies: { p: [{ match: { rpki: valid }, then: accept }] }\n`,
    'p: only routes that are rpki: valid are accepted, so none is accepted until a cache has sent data; accept not_found too, and reject invalid',
  ],
  [
    'a policy that asks for validity without caches',
    'policies: { p: [{ match: { rpki: invalid }, then: reject }, { then: accept }] }\n',
    'rpki: every route is not_found, because no data is requested; give caches in rpki',
  ],
  [
    'a policy that asks for ASPAs, which are not requested',
    `${one}policies: { p: [{ match: { aspa: invalid }, then: reject }, { then: accept }] }\n`,
    'aspa: every route is unknown, because no data is requested; set aspa: true in rpki',
  ],
  [
    'nothing if invalid routes are rejected and all others accepted',
    `${one}policies: { p: [{ match: { rpki: invalid }, then: reject }, { then: accept }] }\n`,
    undefined,
  ],
])('check warns of %s', (_, text, warning) => {
  const messages = warningsOf(configOf(minimal(`state_dir: s\n${text}`))).map(
    ({ message }) => message,
  );
  expect(messages).toEqual(warning === undefined ? [] : [warning]);
});
