import { inspect } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '#config/load.ts';
import { Secret } from '#config/resolve/secret.ts';
import { masked } from '#yaml/secrets.ts';
import { configOf, hostOf, load, mainFile, minimal, problemsOf, withPeer } from './files.ts';

const secret = 'Hunter2Hunter2';

/** Returns all that an operator would be shown. */
function shown(text: string): string {
  return JSON.stringify(load(text));
}

const broken: readonly [string, string][] = [
  ['beside a misspelt key', withPeer(`password: ${secret}, hold_tiem: 6`)],
  ['before a misspelt key', withPeer(`hold_tiem: 6, password: "${secret}"`)],
  ['under a misspelt key', withPeer(`pasword: ${secret}`)],
  ['under another word for it', withPeer(`md5_key: ${secret}`)],
  ['where a list is', withPeer(`password: [${secret}]`)],
  ['where a map is', withPeer(`password: { text: ${secret} }`)],
  ['that is too long', withPeer(`password: ${secret.repeat(9)}`)],
  ['given twice', withPeer(`password: ${secret}, password: ${secret}`)],
  ['given in two ways', withPeer(`password: ${secret}, password_env: KEY`)],
  ['under pass', withPeer(`pass: ${secret}`)],
  ['under passphrase', withPeer(`passphrase: ${secret}`)],
  ['under psk', withPeer(`psk: ${secret}`)],
  ['under key, within md5', withPeer(`md5: { key: ${secret} }`)],
  ['within md5', withPeer(`md5: { value: ${secret} }`)],
  ['without a colon', minimal(`peers:\n  - password ${secret}\n`)],
  [
    'without a colon, before text that is not YAML',
    minimal(`peers:\n  - password ${secret}\n  x: ]\n`),
  ],
  ['alone in a file', `${secret}\n`],
  ['beside a user', `root:${secret}\n`],
  ['below a user', `root: ${secret}\n`],
  ['in a line of /etc/shadow, which is a key', `root:${secret}:19000:0:99999:7:::\n`],
  ['in a key that is given twice', `${secret}: 1\n${secret}: 2\n`],
  ['in the configuration of FRR', `router bgp 1\n neighbor 1.1.1.1 password ${secret}\n`],
  ['in the configuration of BIRD', `protocol bgp a {\n  password "${secret}";\n}\n`],
  ['at the top', minimal(`password: ${secret}\n`)],
  ['on a line of its own', minimal(`peers:\n  - password: a, ${secret}\n    x: 1\n`)],
  ['in a block', minimal(`peers:\n  - x: 1\n    password: |\n      ${secret}\n`)],
  ['quoted, with a quote missing', minimal(`peers:\n  - password: "${secret}\n`)],
  ['in text that is not YAML', minimal(`peers: [{ password: ${secret}, x: ] }\n`)],
  ['after a tab', minimal(`peers:\n\t- password: ${secret}\n`)],
  ['with an unknown escape', minimal(`peers:\n  - password: "\\q${secret}"\n`)],
  [
    'by an anchor',
    minimal(`peers:\n  - { password: &p ${secret}, x: 1 }\n  - { password: *p, y: 1 }\n`),
  ],
  [
    'that an alias brings under another key',
    minimal(`peers:\n  - { password: &p ${secret}, address: 192.0.2.1, peer_as: *p }\n`),
  ],
];

describe('a secret', () => {
  test('that is a number is not quoted in the hint to quote it', () => {
    const said = JSON.stringify(load(withPeer('password: 12345678')));
    expect(said).toContain('password: expected');
    expect(said).not.toContain('12345678');
  });

  test.each(broken)('%s never shows', (_place, text) => {
    const answer = shown(text);
    expect(answer).toContain('"ok":false');
    expect(answer).not.toContain(secret);
  });

  test('never shows, whatever stands around it', () => {
    const around = fc.string({
      unit: fc.constantFrom('a', ' ', '"', "'", '{', '}', '\n', ',', ':'),
    });
    fc.assert(
      fc.property(around, (junk) => {
        const text = minimal(`peers:\n  - { password: ${secret}, x: 1 }\n${junk}\n`);
        expect(shown(text)).not.toContain(secret);
      }),
    );
  });

  test('is masked in the excerpt, and the caret still points at its place', () => {
    const outcome = load(withPeer(`password: ${secret}, hold_tiem: 6`));
    expect(outcome.ok ? '' : outcome.problems[0].excerpt).toBe(
      `  - { address: 192.0.2.1, peer_as: 65001, password: ${masked}, hold_tiem: 6 }\n` +
        `                                                              ^`,
    );
  });

  test('is not suspected in a group that is named after secrets', () => {
    const outcome = load(minimal('peer_groups: { md5_peers: { peer_as: 1, hold_tiem: 6 } }\n'));
    expect(outcome.ok ? '' : outcome.problems[0].excerpt).toContain('hold_tiem: 6');
  });

  test('is masked in what the API shows of the configuration', () => {
    const config = configOf(withPeer(`password: ${secret}`));
    expect(JSON.stringify(config)).not.toContain(secret);
    expect(inspect(config, { depth: 9 })).not.toContain(secret);
    expect(config.asWritten).toMatchObject({ peers: [{ password: masked }] });
  });

  test('reveals itself only when asked', () => {
    const value = new Secret(secret);
    expect([`${value}`, JSON.stringify(value), value.reveal()]).toEqual([
      masked,
      `"${masked}"`,
      secret,
    ]);
    expect(value.equals(new Secret(secret))).toBe(true);
    expect(value.equals(new Secret('other'))).toBe(false);
  });
});

describe('where a password comes from', () => {
  const rows: readonly [string, string, readonly string[]][] = [
    [
      'two sources',
      withPeer('password: a, password_file: b'),
      ['4:56 password_file: give only one of password, password_file, password_env'],
    ],
    [
      'a file that does not exist',
      withPeer('password_file: key'),
      ['4:58 password_file: /etc/key cannot be read: no such file'],
    ],
    [
      'an empty file',
      withPeer('password_file: /empty'),
      ['4:58 password_file: expected 1 to 80 bytes; got 0'],
    ],
    [
      'a variable that is not set',
      withPeer('password_env: KEY'),
      ['4:57 password_env: the environment variable KEY is not set'],
    ],
    [
      'more bytes than the kernel takes',
      withPeer(`password: ${'é'.repeat(41)}`),
      ['4:53 password: expected 1 to 80 bytes; got 82'],
    ],
  ];
  test.each(rows)('%s', (_name, text, want) => {
    expect(problemsOf(text, { '/empty': '' })).toEqual(want);
  });
});

const sameToken = (name: string): string =>
  `the token is the same as that of ${name}, so the two could not be told apart; make another`;

describe('a secret that can never match is refused', () => {
  const inText: readonly [string, string, string][] = [
    [
      'the newline of a | block',
      'k\n',
      'ends with a line break; remove it (in YAML, write |- instead of |)',
    ],
    ['a line break', 'k\nk', 'contains a line break; write it on one line'],
    ['CR at the end', 'k\r', 'contains a line break; write it on one line'],
    ['TAB', 'k\tk', 'contains a tab'],
    ['NUL', 'k\0', 'is not UTF-8, perhaps UTF-16; save the file as UTF-8'],
    ['a space in front', ' k', 'begins or ends with a space; remove it'],
    ['a space behind', 'k ', 'begins or ends with a space; remove it'],
    ['an invisible character', 'k\u200bk', 'contains an invisible character'],
  ];

  test.each(inText)('in the file itself: %s', (_name, secretText, words) => {
    const text = withPeer(`password: ${JSON.stringify(secretText)}`);
    expect(problemsOf(text)).toEqual([`4:53 password: the password ${words}`]);
  });

  const inFile: readonly [string, string, string][] = [
    [
      'a byte order mark',
      '\ufeffk\n',
      'begins with a byte order mark; save the file as UTF-8 without one',
    ],
    [
      'UTF-16',
      Buffer.from('\ufeffk\n', 'utf16le').toString('utf8'),
      'is not UTF-8, perhaps UTF-16; save the file as UTF-8',
    ],
    ['TAB at the end', 'k\t\n', 'contains a tab'],
    ['a space at the end', 'k \n', 'begins or ends with a space; remove it'],
  ];

  test.each(inFile)('in a file of its own: %s', (_name, content, words) => {
    const files = { '/key': content };
    expect(problemsOf(withPeer('password_file: /key'), files)).toEqual([
      `4:58 password_file: the password ${words}`,
    ]);
    expect(problemsOf(minimal('http: { token_file: /key }\n'), files)).toEqual([
      `3:21 token_file: the first line of /key ${words}`,
    ]);
  });

  const tokens: readonly [string, string, string][] = [
    ['without a first line', '\nk\n', 'is empty'],
    ['of two words', 'two words\n', 'contains a space; a token is a single word'],
    ['that no header can carry', 'schlüssel\n', 'contains characters other than ASCII'],
  ];

  test.each(tokens)('a token %s', (_name, content, words) => {
    expect(problemsOf(minimal('http: { token_file: /key }\n'), { '/key': content })).toEqual([
      `3:21 token_file: the first line of /key ${words}`,
    ]);
  });

  test('if it is a token that another one with the same text hides', () => {
    const text = minimal(`http:
  token_file: /b
  tokens:
    - { name: d, file: /a, may: [drain] }
    - { name: e, file: /b, may: [peers] }
    - { name: f, file: /a, may: [config] }
`);
    expect(problemsOf(text, { '/a': 'k\n', '/b': 'l\n' })).toEqual([
      `4:15 token_file: ${sameToken('e')}`,
      `8:24 file: ${sameToken('d')}`,
    ]);
  });

  test('if it has a tag, which would be lost', () => {
    expect(problemsOf(withPeer('password: !vault abc'))).toEqual([
      '4:53 unknown tag, which would be ignored; write the value itself',
    ]);
  });

  test('if it is in the environment', () => {
    expect(problemsOf(withPeer('password_env: KEY'), {}, { KEY: 'k\n' })).toHaveLength(1);
  });

  test('but any other is taken as it is, with the spaces within it', () => {
    const words = fc
      .array(fc.string({ minLength: 1, unit: fc.constantFrom('a', 'Z', '0', '#', '"', 'é') }), {
        minLength: 1,
        maxLength: 8,
        size: 'small',
      })
      .map((parts) => parts.join(' '))
      .filter((text) => new TextEncoder().encode(text).length <= 80);
    fc.assert(
      fc.property(words, (text) => {
        const [peer] = configOf(withPeer('password_file: /key'), { '/key': `${text}\r\n` }).peers;
        expect(peer.password?.reveal()).toBe(text);
      }),
    );
  });
});

test('the file of a password is looked for beside the file that names it', () => {
  const files = {
    '/etc/sites/a.yaml':
      'peers:\n  - { address: 192.0.2.1, peer_as: 65001, password_file: keys/w1 }\n',
    '/etc/sites/keys/w1': 'right\n',
    '/etc/keys/w1': 'wrong\n',
  };
  const [peer] = configOf(minimal('include: sites/a.yaml\n'), files).peers;
  expect(peer.password?.reveal()).toBe('right');
  const { '/etc/sites/keys/w1': _gone, ...others } = files;
  expect(problemsOf(minimal('include: sites/a.yaml\n'), others)).toEqual([
    '/etc/sites/a.yaml:2:58 password_file: /etc/sites/keys/w1 cannot be read: no such file',
  ]);
});

describe('check warns of a secret that others may know', () => {
  const token = minimal('http: { token_file: /t }\n');
  const shut = 'every user of this machine may read /t; chmod o= /t';
  const long = 'x'.repeat(16);
  const rows: readonly [string, string, string, number, readonly string[]][] = [
    ['a token that only its owner may read', token, long, 0o600, []],
    ['a token that its group may read', token, long, 0o640, []],
    ['a token that every user may read', token, long, 0o644, [`3 token_file: ${shut}`]],
    [
      'a named token that every user may read',
      minimal('http: { tokens: [{ name: a, file: /t, may: [all] }] }\n'),
      long,
      0o604,
      [`3 file: ${shut}`],
    ],
    [
      'a token of one character',
      token,
      'x',
      0o600,
      ['3 token_file: a token of 1 character can be guessed; make one with `openssl rand -hex 32`'],
    ],
    ['a password', withPeer('password_file: /t'), 'x', 0o600, []],
    [
      'a password that every user may read',
      withPeer('password_file: /t'),
      'x',
      0o666,
      [`4 password_file: ${shut}`],
    ],
  ];
  test.each(rows)('%s', (_name, text, secretText, mode, want) => {
    const host = hostOf({ [mainFile]: text, '/t': secretText }, {}, { '/t': mode });
    const outcome = loadConfig(mainFile, { host });
    const found = outcome.ok ? outcome.warnings : outcome.problems;
    expect(found.map(({ line, message }) => `${line} ${message}`)).toEqual(want);
  });

  test('the file of the configuration, once, if it holds passwords', () => {
    const peers =
      '  - { address: 192.0.2.1, peer_as: 1, password: a }\n' +
      '  - { address: 192.0.2.2, peer_as: 1, password: b }\n';
    expect(warnings(withPeer(''))).toEqual([]);
    expect(warnings(minimal(`peers:\n${peers}`))).toEqual([
      `1 it contains a password, and every user of this machine may read it; chmod o= ${mainFile}`,
    ]);
  });
});

/** Returns the warnings about a main file that every user may read. */
function warnings(text: string): string[] {
  const host = hostOf({ [mainFile]: text }, {}, { [mainFile]: 0o644 });
  const outcome = loadConfig(mainFile, { host });
  return outcome.ok ? outcome.warnings.map(({ line, message }) => `${line} ${message}`) : ['?'];
}
