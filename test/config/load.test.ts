import { describe, expect, test } from 'vitest';
import { load, mainFile, minimal, problemsOf, withPeer } from './files.ts';

interface Row {
  readonly name: string;
  readonly given: string;
  readonly want: readonly string[];
}

const texts: readonly Row[] = [
  {
    name: 'an empty file',
    given: '',
    want: ['1:1 the file is empty; at least router_id and local_as are required'],
  },
  {
    name: 'a file of comments',
    given: '# nothing\n',
    want: ['1:1 the file is empty; at least router_id and local_as are required'],
  },
  {
    name: 'text instead of keys',
    given: 'hello',
    want: ['1:1 expected the keys of a configuration, router_id first'],
  },
  {
    name: 'missing keys',
    given: 'peers: []\n',
    want: [
      '1:1 router_id is missing; expected a router id such as 192.0.2.1',
      '1:1 local_as is missing; expected an AS number from 1 to 4294967295',
    ],
  },
  {
    name: 'a tab',
    given: 'router_id: 1.1.1.9\nhttp:\n\tlisten: x\n',
    want: ['3:1 not YAML: a tab cannot indent; use spaces'],
  },
  {
    name: 'a quote that never ends',
    given: 'router_id: "1.1.1.9\nlocal_as: 1\n',
    want: ['1:12 not YAML: this quote is never closed'],
  },
  {
    name: 'a quote that never ends, with others behind it',
    given: minimal('peers:\n  - { name: \'W1, address: ::1 }\n  - { name: "W2" }\n'),
    want: ['4:13 not YAML: this quote is never closed'],
  },
  {
    name: 'an address with its port without quotes',
    given: minimal('listen: [::]:179\n'),
    want: [
      '3:13 not YAML: Unexpected scalar at node end; write an address with its port in quotes, such as "[::]:179"',
    ],
  },
  {
    name: 'the same in a list, where YAML takes it for a map',
    given: minimal('listen: [[::]:179]\n'),
    want: [
      '3:10 listen: expected address and port such as 127.0.0.1:9179 or "[::1]:9179"; got a map; write an address with its port in quotes, such as "[::]:179"',
    ],
  },
  {
    name: 'an address that ends in a colon without quotes',
    given: minimal('peers:\n  - address: fe80::\n    peer_as: 1\n'),
    want: [
      '4:14 not YAML: a value that contains a colon needs quotes; write an address that ends in : in quotes, such as "fe80::"',
    ],
  },
  {
    name: 'a value with a colon and a space without quotes',
    given: minimal('state_dir: a: b\n'),
    want: ['3:12 not YAML: a value that contains a colon needs quotes'],
  },
  {
    name: 'a key without a space after its colon',
    given: minimal('http:\n  socket: x\n  listen:x\n  hosts: []\n'),
    want: ['5:3 not YAML: expected a key and its value, with a colon and a space between'],
  },
  {
    name: 'the same at the end of the file',
    given: minimal('state_dir=/x\n'),
    want: ['3:1 not YAML: expected a key and its value, with a colon and a space between'],
  },
  {
    name: 'the same within { }, where YAML takes it for a key',
    given: minimal('http: { listen:x }\n'),
    want: ['3:9 listen:x: unknown key; write a space after the colon'],
  },
  {
    name: 'a line that is indented further than the one above, and what follows from it',
    given: minimal('http:\n  listen: x\n   hosts: []\n  external_url: y\n'),
    want: [
      '4:11 not YAML: the next line is indented further, although this key already has a value',
    ],
  },
  {
    name: 'a line that is indented less, and what follows from it',
    given: minimal('http:\n    listen: x\n   hosts: []\n    external_url: y\n'),
    want: ['5:1 not YAML: the indentation matches no line above'],
  },
  {
    name: 'a list whose items do not begin in the same column',
    given: minimal('peers:\n  - { name: A }\n - { name: B }\n  - { name: C }\n'),
    want: ['5:1 not YAML: the indentation matches no line above'],
  },
  {
    name: 'tabs, and what follows from them',
    given: minimal('http:\n  listen: x\n\thosts: []\n  external_url: y\n\ttokens: []\n'),
    want: [
      '5:1 not YAML: a tab cannot indent; use spaces',
      '7:1 not YAML: a tab cannot indent; use spaces',
    ],
  },
  {
    name: 'a { that is never closed',
    given: minimal('peers:\n  - { name: A, peer_as: 1\n  - { name: B }\nlog: {}\n'),
    want: ['5:3 not YAML: a { or [ above is never closed'],
  },
  {
    name: 'a } too many, and what follows from it',
    given: minimal('peers:\n  - { name: A }}\n  - { name: B }\n'),
    want: ['4:16 not YAML: this closes nothing; remove it'],
  },
  {
    name: 'a comma that is missing within { }',
    given: minimal('peers:\n  - { name: A peer_as: 1 }\n'),
    want: ['4:13 not YAML: a comma or a quote is missing within { } or [ ]'],
  },
  {
    name: 'a secret of digits, which is a number to YAML',
    given: withPeer('password: 12345'),
    want: ['4:53 password: expected a text of 1 to 80 characters; write it in quotes'],
  },
  {
    name: 'UTF-16',
    given: Buffer.from(`\ufeff${minimal()}`, 'utf16le').toString('utf8'),
    want: ['1:1 the file is not UTF-8, perhaps UTF-16; save it as UTF-8'],
  },
  {
    name: 'a tag that is not known',
    given: minimal('state_dir: !vault x\n'),
    want: ['3:12 unknown tag, which would be ignored; write the value itself'],
  },
  {
    name: 'a merge key',
    given: minimal('http:\n  <<: { listen: "127.0.0.1:1" }\n'),
    want: ['4:3 <<: unknown key; YAML 1.2 has no merge keys; put shared keys into peer_groups'],
  },
  {
    name: "a key of one's own",
    given: minimal('x-peer: &p { peer_as: 1 }\n'),
    want: ['3:1 x-peer: unknown key; put an anchor where its value is first used'],
  },
  {
    name: 'a prefix pattern without quotes in a flow list',
    given: minimal('policies:\n  p: [{ match: { prefix: [2001:db8::/32{48,48}] } }]\n'),
    want: [
      '4:40 not YAML: Missing , or : between flow sequence items; write a pattern in quotes: "P{min,max}"',
    ],
  },
  {
    name: 'two documents',
    given: 'router_id: 1.1.1.9\n---\nlocal_as: 1\n',
    want: ['2:1 expected one YAML document; a second one begins here'],
  },
  {
    name: 'an unknown anchor',
    given: minimal('peers: *them\n'),
    want: ['3:8 not YAML: no anchor with this name is defined above'],
  },
  {
    name: 'an alias that contains itself',
    given: minimal('peers: &a [*a]\n'),
    want: ['3:12 this alias contains itself'],
  },
  {
    name: 'a key given twice',
    given: minimal('local_as: 65003\n'),
    want: ['3:1 local_as: given twice, the first time on line 2'],
  },
  {
    name: 'a key without a value',
    given: 'router_id:\nlocal_as: 1\n',
    want: ['1:11 router_id: expected a router id such as 192.0.2.1; got nothing'],
  },
];

const globals: readonly Row[] = [
  {
    name: 'the misspelt key of the contract',
    given: withPeer('hold_tiem: 6'),
    want: ['4:43 hold_tiem: unknown key; did you mean hold_time?'],
  },
  {
    name: 'a misspelt key that is required is not reported as missing too',
    given: 'router_idd: 1.1.1.9\nlocal_as: 1\n',
    want: ['1:1 router_idd: unknown key; did you mean router_id?'],
  },
  {
    name: 'a key that is like no other',
    given: minimal('colour: blue\n'),
    want: ['3:1 colour: unknown key'],
  },
  {
    name: 'router ids',
    given: 'router_id: 1.1.1\nlocal_as: 65002\n',
    want: ['1:12 router_id: 1.1.1: expected a router id such as 192.0.2.1, not 0.0.0.0'],
  },
  {
    name: 'AS 0',
    given: 'router_id: 1.1.1.9\nlocal_as: 0\n',
    want: ['2:11 local_as: expected an AS number from 1 to 4294967295; got 0'],
  },
  {
    name: 'addresses to listen on, each with its place',
    given: minimal('listen: ["1.1.1.1:179", ":179", "::1:179"]\n'),
    want: [
      '3:25 listen: :179: expected address and port, such as 127.0.0.1:179 or [2001:db8::1]:179',
      '3:33 listen: ::1:179: expected address and port, such as 127.0.0.1:179 or [2001:db8::1]:179',
    ],
  },
  {
    name: 'a list where keys are expected',
    given: minimal('http: []\n'),
    want: ['3:7 http: expected { listen, hosts, tokens }; got an empty list'],
  },
  {
    name: 'a word that is not among the choices',
    given: minimal('log: { level: wran, format: xml }\n'),
    want: [
      '3:15 level: expected trace, debug, info, warn or error; got "wran"; did you mean warn?',
      '3:29 format: expected auto, pretty or json; got "xml"',
    ],
  },
  {
    name: 'durations and sizes',
    given: minimal('ready_max_wait: 5 s\nhistory: { max_size: 256MB, max_age: -1 }\n'),
    want: [
      '3:17 ready_max_wait: expected a duration of at least 1s, such as 6, 6s, 1500ms, 2m, 1h or 30d; got "5 s"',
      '4:22 max_size: expected a size such as 1048576, 64KiB, 256MiB or 1GiB; got "256MB"',
      '4:38 max_age: expected a duration of at least 1s, such as 6, 6s, 1500ms, 2m, 1h or 30d; got -1',
    ],
  },
  {
    name: 'a socket path that the kernel would cut',
    given: minimal(`control: { socket: /${'é'.repeat(52)} }\n`),
    want: [
      `3:20 socket: /${'é'.repeat(52)} has 105 bytes; at most 103 are possible, because the path of a Unix socket ` +
        'has at most 107 and it is created as this path with .new at the end',
    ],
  },
  {
    name: 'an address to listen on that is given twice',
    given: minimal(
      'listen: ["192.0.2.1:179", "[2001:db8::1]:179", "[2001:db8:0::1]:179", "192.0.2.1:180"]\n' +
        'http: { listen: ["127.0.0.1:1", "127.0.0.1:1", "127.0.0.1:0", "127.0.0.1:0"] }\n',
    ),
    want: [
      '3:48 listen: [2001:db8::1]:179 is given twice; remove one',
      '4:33 listen: 127.0.0.1:1 is given twice; remove one',
    ],
  },
  {
    name: 'an address to listen on that is the default of HTTP',
    given: minimal('listen: ["127.0.0.1:9179", "192.0.2.1:179"]\n'),
    want: [
      '3:10 listen: 127.0.0.1:9179 is also the default of http.listen; choose another port for one of them',
    ],
  },
  {
    name: 'an address to listen on that cannot be open beside the default of HTTP',
    given: minimal('listen: 0.0.0.0:9179\nhttp: { hosts: [rs9.example.net] }\n'),
    want: [
      '3:9 listen: 0.0.0.0:9179 cannot be open beside 127.0.0.1:9179, the default of http.listen; choose another port for one of them',
    ],
  },
  {
    name: 'an address of HTTP that cannot be open beside the default of BGP',
    given: minimal('http: { listen: ["127.0.0.1:179", "[::]:179"] }\n'),
    want: [
      '3:18 listen: 127.0.0.1:179 cannot be open beside 0.0.0.0:179, the default of listen; choose another port for one of them',
      '3:35 listen: [::]:179 cannot be open beside 0.0.0.0:179, the default of listen; choose another port for one of them',
    ],
  },
  {
    name: 'an address to listen on that would be the default of HTTP, if http had no error',
    given: minimal('listen: 127.0.0.1:9179\nhttp: []\n'),
    want: ['4:7 http: expected { listen, hosts, tokens }; got an empty list'],
  },
  {
    name: 'addresses to listen on that cannot be open beside each other',
    given: minimal(
      'listen: ["0.0.0.0:179", "192.0.2.1:179", "[::]:179", "[::]:180", "192.0.2.1:181"]\n' +
        'http: { listen: ["192.0.2.1:181", "0.0.0.0:180", "[::]:182", "127.0.0.1:182"] }\n',
    ),
    want: [
      '3:25 listen: 192.0.2.1:179 cannot be open beside 0.0.0.0:179; remove one',
      '4:18 listen: 192.0.2.1:181 is given twice; remove one',
      '4:62 listen: 127.0.0.1:182 cannot be open beside [::]:182; remove one',
    ],
  },
  {
    name: 'an IPv4-mapped address to listen on',
    given: minimal('listen: "[::ffff:192.0.2.1]:179"\n'),
    want: ['3:9 listen: [::ffff:192.0.2.1]:179: write this IPv4-mapped address as an IPv4 address'],
  },
  {
    name: 'a token file that does not exist',
    given: minimal('http: { token_file: token }\n'),
    want: ['3:21 token_file: /etc/token cannot be read: no such file'],
  },
  ...(
    [
      [
        'noc.example.net/rs9',
        'noc.example.net/rs9 is not the address of a web page; expected one such as https://noc.example.net/rs9/',
      ],
      [
        'ftp://noc.example.net/',
        'ftp://noc.example.net/ is not the address of a web page; expected one such as https://noc.example.net/rs9/',
      ],
      ['https://me:secret@noc.example.net/', 'it must not contain a user name or password'],
      ['https://noc.example.net/?rs=9', 'https://noc.example.net/?rs=9 must not contain ? or #'],
    ] as const
  ).map(([url, words]) => ({
    name: `${url} as the address of the page`,
    given: minimal(`http: { external_url: "${url}" }\n`),
    want: [`3:23 external_url: ${words}`],
  })),
];

const peers: readonly Row[] = [
  {
    name: 'peers without an address or an AS',
    given: minimal('peers:\n  - { name: W1 }\n  - { name: W2, address: 192.0.2.2 }\n'),
    want: [
      '4:5 peers: address is missing; expected an IPv4 or IPv6 address',
      '5:5 peer_as is missing; give it here or in the group',
    ],
  },
  {
    name: 'addresses that no peer can have',
    given: minimal(
      'peers:\n' +
        '  - { address: 300.1.1.1, peer_as: 1 }\n' +
        '  - { address: 0.0.0.0, peer_as: 1 }\n' +
        '  - { address: "ff02::1", peer_as: 1 }\n' +
        '  - { address: "::ffff:192.0.2.1", peer_as: 1 }\n' +
        '  - { address: 192.0.2.0/24, peer_as: 1 }\n',
    ),
    want: [
      '4:16 address: 300.1.1.1: expected an IPv4 or IPv6 address',
      '5:16 address: 0.0.0.0: the unspecified address cannot be a peer',
      '6:16 address: ff02::1: not the address of a single host',
      '7:16 address: ::ffff:192.0.2.1: write this IPv4-mapped address as an IPv4 address',
      '8:16 address: 192.0.2.0/24: expected an IPv4 or IPv6 address without a length',
    ],
  },
  {
    name: 'names and addresses given twice, however they are written',
    given: minimal(
      'peers:\n' +
        '  - { name: a, address: "2001:db8::1", peer_as: 1 }\n' +
        '  - { name: a, address: "2001:db8::2", peer_as: 1 }\n' +
        '  - { name: b, address: "2001:DB8:0::1", peer_as: 1 }\n',
    ),
    want: [
      `5:13 name: a is already the name of the peer on line 4 of ${mainFile}`,
      `6:25 address: 2001:db8::1 is also the address of the peer on line 4 of ${mainFile}`,
    ],
  },
  {
    name: "a name that is another peer's address",
    given: minimal(
      'peers:\n' +
        '  - { name: 192.0.2.2, address: 192.0.2.1, peer_as: 1 }\n' +
        '  - { name: b, address: 192.0.2.2, peer_as: 1 }\n',
    ),
    want: ['4:13 name: 192.0.2.2 is the address of another peer'],
  },
  {
    name: 'names with spaces, and numbers',
    given: minimal(
      'peers:\n' +
        '  - { name: "a b", address: 192.0.2.1, peer_as: 1 }\n' +
        '  - { name: 5, address: 192.0.2.2, peer_as: 1 }\n',
    ),
    want: [
      '4:13 name: expected a name: 1 to 64 letters, digits and _ . : - beginning with a letter, digit or _; got "a b"',
      '5:13 name: expected a name: 1 to 64 letters, digits and _ . : - beginning with a letter, digit or _; got 5; write "5" in quotes',
    ],
  },
  {
    name: 'a group that does not exist is one error',
    given: minimal(
      'peer_groups: { routers: { peer_as: 1 } }\npeers: [{ address: 192.0.2.1, group: router }]\n',
    ),
    want: ['4:38 group: there is no peer group router; did you mean routers?'],
  },
  {
    name: 'our own AS, AS_TRANS and what is not an AS',
    given: minimal(
      'peers:\n' +
        '  - { address: 192.0.2.1, peer_as: 65002 }\n' +
        '  - { address: 192.0.2.2, peer_as: [1, 23456] }\n' +
        '  - { address: 192.0.2.3, peer_as: some }\n' +
        '  - { address: 192.0.2.4, peer_as: [any] }\n',
    ),
    want: [
      '4:36 peer_as: 65002 is our own AS, which is allowed only for an observer',
      '5:36 peer_as: 23456 is AS_TRANS, which is reserved (RFC 6793)',
      '6:36 peer_as: expected an AS number, a list of AS numbers or any; got "some"',
      '7:37 peer_as: expected an AS number from 1 to 4294967295; got "any"',
    ],
  },
  {
    name: 'words of YAML 1.1',
    given: withPeer('passive: yes, enabled: off'),
    want: [
      '4:52 passive: expected true or false; got "yes"; write true',
      '4:66 enabled: expected true or false; got "off"; write false',
    ],
  },
  {
    name: 'a policy that does not exist',
    given: minimal(
      'policies: { only_loopbacks: [{ then: accept }] }\n' +
        'peers:\n  - { address: 192.0.2.1, peer_as: 1, import: only_loopback, export: [all, x] }\n',
    ),
    want: [
      '5:47 import: there is no policy only_loopback; did you mean only_loopbacks?',
      '5:71 export: all cannot be an item of a list; write it alone',
      '5:76 export: there is no policy x',
    ],
  },
  {
    name: 'policies and groups with errors of their own, which are not missing',
    given: minimal(
      'policies:\n  p: accept\n  "a b": []\npeer_groups: { g: 5 }\n' +
        'peers: [{ address: 192.0.2.1, group: g, import: [p, "a b"], export: x }]\n',
    ),
    want: [
      '4:6 p: expected a list; got "accept"',
      '5:3 a b: expected a policy name: letters, digits and _ . - beginning with a letter or _',
      '6:19 g: expected the keys of a peer group; got 5',
      '7:69 export: there is no policy x',
    ],
  },
  {
    name: 'policies that are not by name',
    given: minimal(
      'policies: []\npeer_groups: 5\npeers: [{ address: 192.0.2.1, group: g, import: [p, all] }]\n',
    ),
    want: [
      '3:11 policies: expected policies by name; got an empty list',
      '4:14 peer_groups: expected peer groups by name; got 5',
      '5:53 import: all cannot be an item of a list; write it alone',
    ],
  },
  {
    name: 'limits',
    given: withPeer('max_prefix: { limit: 0, action: drop }, max_prefix_received: 10'),
    want: [
      '4:64 limit: expected a whole number from 1 to 4294967295; got 0',
      '4:75 action: expected block, warning, restart or shutdown; got "drop"',
      '4:104 max_prefix_received: expected a limit such as { limit: 10, action: block }; got 10',
    ],
  },
  {
    name: 'a limit without its number',
    given: withPeer('max_prefix: { action: block }'),
    want: ['4:55 max_prefix: limit is missing; expected a whole number from 1 to 4294967295'],
  },
  {
    name: 'families',
    given: withPeer('families: [ipv4]'),
    want: ['4:54 families: expected ipv4_unicast or ipv6_unicast; got "ipv4"'],
  },
  {
    name: 'no families',
    given: withPeer('families: []'),
    want: ['4:53 families: expected a list of ipv4_unicast and ipv6_unicast; got an empty list'],
  },
  {
    name: 'a family twice',
    given: withPeer('families: [ipv4_unicast, ipv4_unicast]'),
    want: ['4:53 families: expected a list of ipv4_unicast and ipv6_unicast; got a list'],
  },
  {
    name: 'next hops',
    given: withPeer('accept_next_hop: [192.0.2.1/24, x]'),
    want: [
      '4:61 accept_next_hop: 192.0.2.1/24: bits past the length are set; the network is 192.0.2.0/24',
      '4:75 accept_next_hop: x: expected a prefix such as 2001:db8::/32 or 192.0.2.0/24',
    ],
  },
];

const timers: readonly Row[] = [
  {
    name: 'a hold time of 2',
    given: withPeer('hold_time: 2'),
    want: ['4:54 hold_time: 0 or at least 3 seconds (RFC 4271 section 4.2)'],
  },
  {
    name: 'half a second of hold time',
    given: withPeer('hold_time: 500ms'),
    want: [
      '4:54 hold_time: expected 0 or a duration of at least 1s, such as 6, 6s, 1500ms, 2m, 1h or 30d; got "500ms"',
    ],
  },
  {
    name: 'a keepalive that comes too late',
    given: withPeer('hold_time: 6, keepalive: 6'),
    want: ['4:68 keepalive: must be less than hold_time, 6 s'],
  },
  {
    name: 'no keepalives, but a hold time',
    given: withPeer('keepalive: 0'),
    want: [
      '4:54 keepalive: expected a duration of at least 1s, such as 6, 6s, 1500ms, 2m, 1h or 30d; got 0',
    ],
  },
  {
    name: 'a least hold time above our own',
    given: withPeer('hold_time: 6, min_hold_time: 30'),
    want: [
      '4:72 min_hold_time: must not be more than hold_time, 6 s: no session could ever come up',
    ],
  },
  {
    name: 'a send hold time below the hold time',
    given: withPeer('send_hold_time: 90'),
    want: ['4:59 send_hold_time: must be more than hold_time, 90 s (RFC 9687)'],
  },
  {
    name: 'a connect retry that would be a loop',
    given: withPeer('connect_retry: 0'),
    want: [
      '4:58 connect_retry: expected a duration of at least 100ms, such as 6, 6s, 1500ms, 2m, 1h or 30d; got 0',
    ],
  },
  {
    name: 'GTSM that protects nothing',
    given: withPeer('gtsm: true, multihop: 255'),
    want: ['4:49 gtsm: gives no protection with multihop 255; give the real number of hops'],
  },
  {
    name: 'hops out of range',
    given: withPeer('multihop: 256'),
    want: ['4:53 multihop: expected a whole number from 1 to 255; got 256'],
  },
  {
    name: 'a local address of the other family, and one that is the peer',
    given: minimal(
      'peers:\n' +
        '  - { address: 192.0.2.1, peer_as: 1, local_address: "2001:db8::1" }\n' +
        '  - { address: 192.0.2.2, peer_as: 1, local_address: 192.0.2.2 }\n',
    ),
    want: [
      '4:54 local_address: the peer has an IPv4 address, so this must be one, too',
      '5:54 local_address: this is the address of the peer',
    ],
  },
];

const rules: readonly Row[] = [
  {
    name: 'reserved names',
    given: minimal('policies: { none: [], all: [] }\n'),
    want: [
      '3:13 none: this word has a special meaning in import and export; choose another name',
      '3:23 all: this word has a special meaning in import and export; choose another name',
    ],
  },
  {
    name: 'a name that would need quotes',
    given: minimal('policies: { "a b": [] }\n'),
    want: [
      '3:13 a b: expected a policy name: letters, digits and _ . - beginning with a letter or _',
    ],
  },
  {
    name: 'patterns',
    given: minimal(
      'policies:\n  p:\n    - match:\n        prefix: [2001:db8::/129, "2001:db8::/32{48,32}", 10.0.0.0/8{8}]\n',
    ).replace('10.0.0.0/8{8}', '"10.0.0.0/8{8}"'),
    want: [
      '6:18 prefix: 2001:db8::/129: the length is at most 128',
      '6:34 prefix: 2001:db8::/32{48,32}: expected {min,max} with min <= max <= 128',
      '6:58 prefix: 10.0.0.0/8{8}: expected P, P+, P- or P{min,max}, where P is a prefix',
    ],
  },
  {
    name: 'values that match nothing',
    given: minimal('policies: { p: [{ match: { prefix: [], med: 9-1 } }] }\n'),
    want: [
      '3:36 prefix: an empty list matches nothing; leave the key out to match all',
      '3:45 med: 9-1: the first number is greater than the second',
    ],
  },
  {
    name: 'a peer that does not exist',
    given: withPeer('name: W1').replace(
      'peers:',
      'policies: { p: [{ match: { peer: [W1, W9] }, then: accept }] }\npeers:',
    ),
    want: ['3:39 peer: there is no peer W9; did you mean W1?'],
  },
  {
    name: 'communities',
    given: minimal(
      'policies:\n  p:\n' +
        '    - match: { community: 65536:1, large_community: "1:2", ext_community: xx:1:2 }\n' +
        '      set: { add_communities: "65000:*", remove_communities: "65000:*" }\n',
    ),
    want: [
      '5:27 community: 65536:1: expected 65000:1 (parts 0-65535, 0-65535)',
      '5:53 large_community: 1:2: expected 65000:1:2 (parts 0-4294967295, 0-4294967295, 0-4294967295); a large community has three parts',
      '5:75 ext_community: xx:1:2: expected rt:…, ro:… or generic:0x…:0x…',
      '6:31 add_communities: 65000:*: a pattern with * cannot be added; give a number',
    ],
  },
  {
    name: 'actions',
    given: minimal(
      'policies: { p: [{ set: { med: ten, next_hop: "::" }, then: acept }, { set: { med: 5000000000 } }] }\n',
    ),
    want: [
      '3:31 med: expected a MED such as 100, +10 or -10; got "ten"',
      '3:46 next_hop: ::: the unspecified address cannot be a next hop',
      '3:60 then: expected accept, reject or next; got "acept"; did you mean accept?',
      '3:83 med: expected a MED such as 100, +10 or -10; got 5000000000',
    ],
  },
  {
    name: 'homes of services',
    given: withPeer('name: W1, node: w1').replace(
      'peers:',
      'services: [{ name: web, prefix: "10.0.0.0/8+", home: { 10.0.0.1: w1, 10.0.0.0/8: w9 }, med_bands: { up: 5-1 } }]\npeers:',
    ),
    want: [
      '3:56 home: 10.0.0.1: expected a prefix such as 2001:db8::/32 or 192.0.2.0/24',
      '3:82 home: no peer belongs to the node w9; did you mean w1?',
      '3:105 up: 5-1: the first number is greater than the second',
    ],
  },
];

describe.each([
  ['text', texts],
  ['global keys', globals],
  ['peers', peers],
  ['timers and transport', timers],
  ['policies and services', rules],
])('faults of %s', (_area, rows) => {
  test.each(rows)('$name', ({ given, want }) => {
    expect(problemsOf(given)).toEqual(want);
  });
});

describe('what an operator is shown', () => {
  test('the line and a caret under the place', () => {
    const outcome = load(withPeer('hold_tiem: 6'));
    expect(outcome.ok ? '' : outcome.problems[0].excerpt).toBe(
      '  - { address: 192.0.2.1, peer_as: 65001, hold_tiem: 6 }\n' +
        '                                          ^',
    );
  });

  test('every fault of every file at once, in order', () => {
    const text = minimal('include: [b.yaml, a.yaml]\nlog: { level: x }\nlocal_sa: 1\n');
    const files = { '/etc/a.yaml': 'peers: 1\n', '/etc/b.yaml': 'router_id: 1.1.1.1\npeers: 2\n' };
    expect(problemsOf(text, files)).toEqual([
      '4:15 level: expected trace, debug, info, warn or error; got "x"',
      '5:1 local_sa: unknown key; did you mean local_as?',
      '/etc/b.yaml:1:1 router_id: unknown key; an included file has only policies, peer_groups, peers, peer_ranges and services',
      '/etc/b.yaml:2:8 peers: expected a list; got 2',
      '/etc/a.yaml:1:8 peers: expected a list; got 1',
    ]);
  });

  test('a fault of a group once, however many peers inherit it', () => {
    const text = minimal(
      'peer_groups: { g: { peer_as: 1, hold_time: 2 } }\n' +
        'peers: [{ address: 192.0.2.1, group: g }, { address: 192.0.2.2, group: g }]\n',
    );
    expect(problemsOf(text)).toEqual([
      '3:44 hold_time: 0 or at least 3 seconds (RFC 4271 section 4.2)',
    ]);
  });

  test('a file that cannot be read', () => {
    const outcome = load('', {});
    expect(outcome.ok).toBe(false);
  });
});
