import { describe, expect, test } from 'vitest';
import { negotiate, type Negotiated } from '#session/negotiate.ts';
import { buildOpen } from '#session/our-open.ts';
import type { SessionSettings } from '#session/settings.ts';
import type { Capability } from '#wire/capability.ts';
import { NotificationError } from '#wire/notification.ts';
import { decodeOpen, encodeOpen, type Open } from '#wire/open.ts';
import { nodeSettings, settingsOf } from './settings.ts';

type Changes = Partial<SessionSettings>;

function settle(ours: Changes, theirs: Changes, open: Partial<Open> = {}): Negotiated {
  const settings = settingsOf(ours);
  return negotiate(settings, buildOpen(settings), {
    ...buildOpen(nodeSettings(theirs)),
    ...open,
  });
}

/** The error as code/subcode with its data, or undefined. */
function refusal(ours: Changes, theirs: Changes, open: Partial<Open> = {}) {
  try {
    settle(ours, theirs, open);
  } catch (error) {
    if (!(error instanceof NotificationError)) throw error;
    return { sent: `${error.code}/${error.subcode}`, data: [...error.data] };
  }
  return undefined;
}

describe('the hold time', () => {
  const rows: [ours: number, offered: number, min: number, want: string | number][] = [
    [6, 180, 3, 6],
    [180, 6, 3, 6],
    [90, 90, 3, 90],
    [90, 3, 3, 3],
    [90, 1, 3, '2/6'],
    [90, 2, 3, '2/6'],
    [90, 0, 3, '2/6'],
    [90, 0, 0, 0],
    [0, 0, 3, 0],
    [0, 30, 3, 0],
    [90, 2, 0, '2/6'],
    [90, 9, 10, '2/6'],
    [90, 10, 10, 10],
  ];
  test.each(rows)(
    'ours %i, offered %i, at least %i: %s',
    (holdTimeSec, offered, minHoldTimeSec, want) => {
      const ours = { holdTimeSec, minHoldTimeSec };
      const refused = refusal(ours, { holdTimeSec: offered });
      expect(refused?.sent ?? settle(ours, { holdTimeSec: offered }).holdTimeSec).toBe(want);
    },
  );

  const keepalives: [hold: number, ours: number | undefined, want: number][] = [
    [6, undefined, 2],
    [90, undefined, 30],
    [4, undefined, 1],
    [3, undefined, 1],
    [6, 1, 1],
    [6, 30, 2],
    [180, 10, 10],
    [0, undefined, 0],
  ];
  test.each(keepalives)(
    'hold %i s, keepalive %s: one each %i s',
    (holdTimeSec, keepaliveSec, want) => {
      const ours = {
        minHoldTimeSec: 0,
        holdTimeSec,
        ...(keepaliveSec !== undefined && { keepaliveSec }),
      };
      expect(settle(ours, { holdTimeSec }).keepaliveSec).toBe(want);
    },
  );
});

function list(...asns: number[]): Changes {
  return { peerAs: { kind: 'list', asns } };
}

describe('the identity of the peer', () => {
  const any = { peerAs: { kind: 'any' } } as const;
  const rows: [string, Changes, Changes, string | number][] = [
    ['the AS that was configured', list(65001), {}, 65001],
    ['one of a list', list(1, 65001), {}, 65001],
    ['a 4-octet AS', list(4_200_000_000), { localAs: 4_200_000_000 }, 4_200_000_000],
    ['any', any, { localAs: 7 }, 7],
    ['another AS', list(65009), {}, '2/2'],
    ['any does not mean our own', any, { localAs: 65002 }, '2/2'],
    ['our own when it is named (an observer)', list(65002), { localAs: 65002 }, 65002],
    ['AS 0', any, { localAs: 0 }, '2/2'],
    ['identifier 0', list(65001), { routerId: 0 }, '2/3'],
    ['our identifier from another AS is legal', list(65001), { routerId: 0x01010109 }, 65001],
    ['our identifier from our AS', list(65002), { localAs: 65002, routerId: 0x01010109 }, '2/3'],
  ];
  test.each(rows)('%s', (_, ours, theirs, want) => {
    expect(refusal(ours, theirs)?.sent ?? settle(ours, theirs).peerAs).toBe(want);
  });
});

describe('families', () => {
  const exabgp: Capability[] = [
    ...[1, 2, 4, 128].map((safi): Capability => ({ kind: 'multiprotocol', afi: 1, safi })),
    ...[1, 2, 4, 128].map((safi): Capability => ({ kind: 'multiprotocol', afi: 2, safi })),
    { kind: 'multiprotocol', afi: 16388, safi: 71 },
    { kind: 'as4', asn: 65001 },
  ];
  const rows: [string, Changes, readonly Capability[], boolean[]][] = [
    ['ours out of the many of ExaBGP', {}, exabgp, [true, true]],
    ['only the one that we want', { families: [1] }, exabgp, [false, true]],
    ['only the one that it has', {}, [{ kind: 'multiprotocol', afi: 2, safi: 1 }], [false, true]],
    ['none named is IPv4 unicast', {}, [], [true, false]],
  ];
  test.each(rows)('%s', (_, ours, capabilities, want) => {
    const { families, decode } = settle(ours, {}, { capabilities });
    expect(families).toEqual(want);
    expect(decode.families).toEqual(want);
  });

  const refused: [string, Changes, readonly Capability[], number[]][] = [
    [
      'none in common',
      { families: [1] },
      [{ kind: 'multiprotocol', afi: 1, safi: 1 }],
      [1, 4, 0, 2, 0, 1],
    ],
    ['an old IPv4 speaker when we want IPv6', { families: [1] }, [], [1, 4, 0, 2, 0, 1]],
    [
      'only families not carried here',
      {},
      [{ kind: 'multiprotocol', afi: 25, safi: 70 }],
      [1, 4, 0, 1, 0, 1, 1, 4, 0, 2, 0, 1],
    ],
  ];
  test.each(refused)(
    '%s: 2/7 with the capabilities that are wanted',
    (_, ours, capabilities, data) => {
      expect(refusal(ours, {}, { capabilities })).toEqual({ sent: '2/7', data });
    },
  );
});

describe('capabilities', () => {
  test('a peer without any is a 2-octet speaker without route refresh', () => {
    expect(settle({}, {}, { capabilities: [] })).toMatchObject({
      asnBytes: 2,
      routeRefresh: false,
      enhancedRouteRefresh: false,
      extendedMessageReceive: true,
      extendedMessage: false,
      decode: { asnBytes: 2 },
    });
  });

  test('a peer with all of ours has all of them', () => {
    const negotiated = settle({}, {});
    expect(negotiated).toMatchObject({
      asnBytes: 4,
      routeRefresh: true,
      enhancedRouteRefresh: true,
      extendedMessage: true,
      gracefulRestart: { families: [] },
    });
    expect(negotiated.peerRole).toBeUndefined();
  });

  test('graceful restart is negotiated only when both sent it', () => {
    const off = { gracefulRestart: { kind: 'off' } } as const;
    expect(settle(off, {}).gracefulRestart).toBeUndefined();
    expect(settle({}, off).gracefulRestart).toBeUndefined();
  });

  const both = { receive: true, send: true };
  const receive = { receive: true, send: false };
  const send = { receive: false, send: true };
  const off = { receive: false, send: false };
  const addPaths: [typeof both, typeof both, boolean, boolean][] = [
    [both, both, true, true],
    [receive, both, true, false],
    [send, both, false, true],
    [receive, receive, false, false],
    [send, receive, false, true],
    [receive, send, true, false],
    [off, both, false, false],
    [both, off, false, false],
  ];
  test.each(addPaths)(
    'add-path %o with %o: receive %s, send %s',
    (ours, theirs, wantIn, wantOut) => {
      const negotiated = settle({ addPath: ours }, { addPath: theirs, families: [1] });
      expect(negotiated.addPathReceive).toEqual([false, wantIn]);
      expect(negotiated.addPathSend).toEqual([false, wantOut]);
      expect(negotiated.decode.addPath).toEqual([false, wantIn]);
    },
  );

  test('extended next hop is used for IPv4 if both sent it', () => {
    const on = { extendedNextHop: true };
    expect(settle(on, on).extendedNextHop).toEqual([true, false]);
    expect(settle(on, {}).extendedNextHop).toEqual([false, false]);
    expect(settle({}, on).extendedNextHop).toEqual([false, false]);
  });
});

function rolesOf(...values: number[]): Partial<Open> {
  const roles = values.map((value): Capability => ({ kind: 'role', value }));
  return { capabilities: [{ kind: 'multiprotocol', afi: 2, safi: 1 }, ...roles] };
}

describe('roles (RFC 9234)', () => {
  const rows: [SessionSettings['role'], number[], string | undefined][] = [
    ['rs', [2], 'rs_client'],
    ['rs_client', [1], 'rs'],
    ['provider', [3], 'customer'],
    ['customer', [0], 'provider'],
    ['peer', [4], 'peer'],
    ['rs', [], undefined],
    [undefined, [3], 'customer'],
    [undefined, [2, 3], undefined],
    ['rs', [2, 2], 'rs_client'],
    ['rs', [1], '2/11'],
    ['rs', [4], '2/11'],
    ['peer', [2], '2/11'],
    ['rs', [2, 3], '2/11'],
    ['rs', [9], '2/11'],
  ];
  test.each(rows)('ours %s, theirs %j: %s', (role, values, want) => {
    const ours = role === undefined ? {} : { role };
    const refused = refusal(ours, {}, rolesOf(...values));
    expect(refused?.sent ?? settle(ours, {}, rolesOf(...values)).peerRole).toBe(want);
  });

  test.each<[SessionSettings['role'], number[], string | undefined]>([
    ['rs', [], '2/11'],
    ['rs', [2], 'rs_client'],
    ['rs', [1], '2/11'],
    [undefined, [], undefined],
  ])('in strict mode: ours %s, theirs %j: %s', (role, values, want) => {
    const ours = { isRoleStrict: true, ...(role !== undefined && { role }) };
    const refused = refusal(ours, {}, rolesOf(...values));
    expect(refused?.sent ?? settle(ours, {}, rolesOf(...values)).peerRole).toBe(want);
  });
});

describe('our OPEN', () => {
  const bytes = (changes: Changes, now?: number) =>
    Buffer.from(encodeOpen(buildOpen(settingsOf(changes), now)).subarray(19)).toString('hex');

  test('to a node with one family, byte for byte', () => {
    expect(bytes({ families: [1] })).toBe(
      [
        '04fdea000601010109180216', // version 4, AS 65002, hold 6, 1.1.1.9, one parameter
        '010400020001', // multiprotocol IPv6 unicast
        '0200', // route refresh
        '0600', // extended message
        '40020000', // graceful restart, no family
        '41040000fdea', // 4-octet AS
        '4600', // enhanced route refresh
      ].join(''),
    );
  });

  const rows: [string, Changes, string][] = [
    ['add-path', { addPath: { receive: true, send: true } }, '4508000101030002 0103'],
    ['extended next hop', { extendedNextHop: true }, '0506000100010002'],
    ['role', { role: 'rs' }, '090101'],
    ['fqdn', { hostname: 'rs9' }, '49050372733900'],
    ['software version', { softwareVersion: 'fp 1' }, '4b050466702031'],
  ];
  test.each(rows)('%s is offered only if configured', (_, changes, hex) => {
    const wanted = hex.replace(' ', '');
    expect(bytes(changes)).toContain(wanted);
    expect(bytes({})).not.toContain(wanted);
  });

  const terms = { kind: 'families', helper: true, restarter: true, eorGraceMs: 0 } as const;
  const restarts: [string, SessionSettings['gracefulRestart'], string][] = [
    [
      'a helper: the N bit, no family',
      { ...terms, restarter: false, restartTimeSec: 120 },
      '40024000',
    ],
    [
      'a restarter: both families, F bit set',
      { ...terms, restartTimeSec: 120 },
      '400a40780001018000020180',
    ],
    [
      'that has restarted: R bit',
      { ...terms, restartTimeSec: 4095, restartingUntilMs: 1000 },
      '400acfff0001018000020180',
    ],
    [
      'long-lived too',
      { ...terms, restartTimeSec: 0, longLivedSec: 0x010203 },
      '470e0001018001020300020180010203',
    ],
    ['neither', { ...terms, helper: false, restarter: false, restartTimeSec: 120 }, '40020000'],
  ];
  test.each(restarts)('graceful restart of %s', (_, gracefulRestart, hex) => {
    expect(bytes({ gracefulRestart }, 999)).toContain(hex);
  });

  test('is without the R bit once the restart is over', () => {
    const gracefulRestart = { ...terms, restartTimeSec: 4095, restartingUntilMs: 1000 };
    expect(bytes({ gracefulRestart }, 1000)).toContain('400a4fff');
  });

  test('without graceful restart the capability is absent', () => {
    const { capabilities } = buildOpen(settingsOf({ gracefulRestart: { kind: 'off' } }));
    expect(capabilities.map(({ kind }) => kind)).not.toContain('gracefulRestart');
  });

  test('is decoded as it was built', () => {
    const open = buildOpen(
      settingsOf({ localAs: 4_200_000_002, role: 'rs', hostname: 'rs9', extendedNextHop: true }),
    );
    const message = encodeOpen(open);
    expect(decodeOpen(message, 19, message.length)).toEqual(open);
  });
});
