import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeCapability } from '#wire/capability-codec.ts';
import type { Capability } from '#wire/capability.ts';
import { headerBytes } from '#wire/constants.ts';
import type { NotificationKind } from '#wire/notification.ts';
import { decodeOpen, encodeOpen, type Open } from '#wire/open.ts';
import { fromHex, toHex } from './hex.ts';

function decode(hex: string): Open {
  const bytes = fromHex(hex);
  return decodeOpen(bytes, 0, bytes.length);
}

/** AS 65001, hold time 180, identifier 1.1.1.11. */
function openHex(
  parameters: string,
  { version = '04', as = 'fde9', hold = '00b4', id = '0101010b' } = {},
) {
  const length = (fromHex(parameters).length % 256).toString(16).padStart(2, '0');
  return `${version}${as}${hold}${id}${length}${parameters}`;
}

function capabilityHex(hex: string): string {
  return openHex(`02 ${fromHex(hex).length.toString(16).padStart(2, '0')} ${hex}`);
}

interface CapabilityRow {
  readonly hex: string;
  readonly capability: Capability;
  readonly shown: unknown;
}

const capabilityRows: readonly CapabilityRow[] = [
  {
    hex: '0104 00020001',
    capability: { kind: 'multiprotocol', afi: 2, safi: 1 },
    shown: { code: 1, name: 'multiprotocol', value: 'ipv6_unicast' },
  },
  {
    hex: '0104 40040047',
    capability: { kind: 'multiprotocol', afi: 16388, safi: 71 },
    shown: { code: 1, name: 'multiprotocol', value: '16388/71' },
  },
  {
    hex: '0200',
    capability: { kind: 'routeRefresh' },
    shown: { code: 2, name: 'route_refresh' },
  },
  {
    hex: '0506 000100010002',
    capability: { kind: 'extendedNextHop', tuples: [{ afi: 1, safi: 1, nextHopAfi: 2 }] },
    shown: {
      code: 5,
      name: 'extended_next_hop',
      value: [{ family: 'ipv4_unicast', next_hop_afi: 2 }],
    },
  },
  {
    hex: '0600',
    capability: { kind: 'extendedMessage' },
    shown: { code: 6, name: 'extended_message' },
  },
  {
    hex: '0901 02',
    capability: { kind: 'role', value: 2 },
    shown: { code: 9, name: 'role', value: 'rs_client' },
  },
  {
    hex: '4006 c078 00020180',
    capability: {
      kind: 'gracefulRestart',
      restarting: true,
      notification: true,
      restartTimeSec: 120,
      families: [{ afi: 2, safi: 1, forwarding: true }],
    },
    shown: {
      code: 64,
      name: 'graceful_restart',
      value: {
        restarting: true,
        notification: true,
        restart_time_s: 120,
        families: [{ family: 'ipv6_unicast', forwarding: true }],
      },
    },
  },
  {
    hex: '4002 0000',
    capability: {
      kind: 'gracefulRestart',
      restarting: false,
      notification: false,
      restartTimeSec: 0,
      families: [],
    },
    shown: {
      code: 64,
      name: 'graceful_restart',
      value: { restarting: false, notification: false, restart_time_s: 0, families: [] },
    },
  },
  {
    hex: '4104 0000fde9',
    capability: { kind: 'as4', asn: 65001 },
    shown: { code: 65, name: 'as4', value: 65001 },
  },
  {
    hex: '4508 00010101 00020103',
    capability: {
      kind: 'addPath',
      families: [
        { afi: 1, safi: 1, mode: 'receive' },
        { afi: 2, safi: 1, mode: 'both' },
      ],
    },
    shown: {
      code: 69,
      name: 'add_path',
      value: [
        { family: 'ipv4_unicast', mode: 'receive' },
        { family: 'ipv6_unicast', mode: 'both' },
      ],
    },
  },
  {
    hex: '4600',
    capability: { kind: 'enhancedRouteRefresh' },
    shown: { code: 70, name: 'enhanced_route_refresh' },
  },
  {
    hex: '4707 000201 80 01e133',
    capability: {
      kind: 'longLivedGracefulRestart',
      families: [{ afi: 2, safi: 1, forwarding: true, staleTimeSec: 123187 }],
    },
    shown: {
      code: 71,
      name: 'long_lived_graceful_restart',
      value: [{ family: 'ipv6_unicast', forwarding: true, stale_time_s: 123187 }],
    },
  },
  {
    hex: '4905 03727335 00',
    capability: { kind: 'fqdn', host: 'rs5', domain: '' },
    shown: { code: 73, name: 'fqdn', value: { host: 'rs5', domain: '' } },
  },
  {
    hex: '4b04 03322e30',
    capability: { kind: 'softwareVersion', version: '2.0' },
    shown: { code: 75, name: 'software_version', value: '2.0' },
  },
  {
    hex: '8000',
    capability: { kind: 'oldRouteRefresh' },
    shown: { code: 128, name: 'old_route_refresh' },
  },
  {
    hex: 'ef02 abcd',
    capability: { kind: 'unknown', code: 239, value: fromHex('abcd') },
    shown: { code: 239, name: 'unknown', value: 'abcd' },
  },
];

describe('every capability, both ways', () => {
  test.each(capabilityRows)('$capability.kind $hex', ({ hex, capability, shown }) => {
    const open = decode(capabilityHex(hex));
    expect(open.capabilities).toEqual([capability]);
    const encoded = encodeOpen(open).subarray(headerBytes);
    const asField = capability.kind === 'as4' ? toHex(encoded.subarray(1, 3)) : 'fde9';
    expect(asField).toBe('fde9');
    expect(toHex(encoded)).toBe(toHex(fromHex(capabilityHex(hex))));
    expect(describeCapability(capability)).toEqual(shown);
  });

  test.each([
    '0103 000200',
    '0201 00',
    '0505 0001000100',
    '0601 00',
    '0902 0200',
    '4001 00',
    '4005 0078000201',
    '4103 00fde9',
    '4503 000101',
    '4601 00',
    '4706 000201800000',
    '8001 00',
  ])('%s is malformed: 2/0', (hex) => {
    expect(() => decode(capabilityHex(hex))).toThrow(
      expect.objectContaining({ code: 2, subcode: 0 }),
    );
  });

  test.each(['4900', '4902 0572', '4b00', '4b02 0532'])(
    '%s is for people only, and kept as it is',
    (hex) => {
      expect(decode(capabilityHex(hex)).capabilities).toMatchObject([{ kind: 'unknown' }]);
    },
  );

  test('an add-path entry with another mode than 1, 2 or 3 is ignored (RFC 7911 §4)', () => {
    const { capabilities } = decode(capabilityHex('4508 00010104 00020101'));
    expect(capabilities).toEqual([
      { kind: 'addPath', families: [{ afi: 2, safi: 1, mode: 'receive' }] },
    ]);
  });
});

describe('the optional parameters', () => {
  const both = [{ kind: 'routeRefresh' }, { kind: 'as4', asn: 4200000001 }];

  test('may have all capabilities in one, as BIRD sends them', () => {
    const hex = openHex('0208 0200 4104fa56ea01', { as: '5ba0' });
    expect(decode(hex)).toEqual({
      version: 4,
      asn: 4200000001,
      holdTimeSec: 180,
      routerId: 0x0101010b,
      capabilities: both,
    });
  });

  test('may have one capability each, as ExaBGP and FRR send them', () => {
    expect(decode(openHex('0202 0200 0206 4104fa56ea01')).capabilities).toEqual(both);
  });

  test('may be in the extended format (RFC 9072)', () => {
    const hex = '04fde900b40101010b ff ff 000e 020002 0200 020006 4104fa56ea01';
    expect(decode(hex).capabilities).toEqual(both);
    const withAnyLength = '04fde900b40101010b 03 ff 000e 020002 0200 020006 4104fa56ea01';
    expect(decode(withAnyLength).capabilities).toEqual(both);
  });

  test('may be absent', () => {
    expect(decode(openHex(''))).toMatchObject({ asn: 65001, capabilities: [] });
  });

  test('more than 253 bytes of capabilities are sent in the extended format', () => {
    const capabilities = Array.from({ length: 100 }, (_, code) => ({
      kind: 'unknown' as const,
      code: code + 130,
      value: fromHex('abcd'),
    }));
    const open = { version: 4, asn: 65002, holdTimeSec: 6, routerId: 9, capabilities };
    const encoded = encodeOpen(open);
    expect(toHex(encoded.subarray(28, 32))).toBe('ffff0193');
    expect(decodeOpen(encoded, headerBytes, encoded.length)).toEqual(open);
  });

  test('an AS above 65535 is AS_TRANS in My Autonomous System', () => {
    const open = { version: 4, asn: 4200000001, holdTimeSec: 6, routerId: 9, capabilities: [] };
    expect(toHex(encodeOpen(open).subarray(20, 22))).toBe('5ba0');
  });
});

describe('an OPEN that is refused', () => {
  const rows: readonly {
    readonly name: string;
    readonly hex: string;
    readonly kind: NotificationKind;
    readonly data?: string;
  }[] = [
    {
      name: 'version 3: the data is ours',
      hex: openHex('', { version: '03' }),
      kind: 'unsupportedVersionNumber',
      data: '0004',
    },
    { name: 'AS 0', hex: openHex('', { as: '0000' }), kind: 'badPeerAs' },
    { name: 'AS 0 in the capability', hex: capabilityHex('4104 00000000'), kind: 'badPeerAs' },
    { name: 'identifier 0', hex: openHex('', { id: '00000000' }), kind: 'badBgpIdentifier' },
    {
      name: 'hold time 1',
      hex: openHex('', { hold: '0001' }),
      kind: 'unacceptableHoldTime',
      data: '0001',
    },
    {
      name: 'hold time 2',
      hex: openHex('', { hold: '0002' }),
      kind: 'unacceptableHoldTime',
      data: '0002',
    },
    { name: 'parameter 1', hex: openHex('0100'), kind: 'unsupportedOptionalParameter' },
    { name: 'a parameter cut off', hex: openHex('02'), kind: 'openMessageError' },
    { name: 'a parameter that overruns', hex: openHex('0203 0200'), kind: 'openMessageError' },
    { name: 'a capability cut off', hex: openHex('0201 02'), kind: 'openMessageError' },
    { name: 'a capability that overruns', hex: openHex('0203 0202 00'), kind: 'openMessageError' },
    { name: 'more than the length says', hex: `${openHex('')}00`, kind: 'openMessageError' },
    {
      name: 'less than the length says',
      hex: '04fde900b40101010b05 0200',
      kind: 'openMessageError',
    },
    {
      name: 'the extended format cut off',
      hex: '04fde900b40101010b ff ff',
      kind: 'openMessageError',
    },
  ];

  test.each(rows)('$name', ({ hex, kind, data }) => {
    expect(() => decode(hex)).toThrow(expect.objectContaining({ kind, data: fromHex(data ?? '') }));
  });

  test.each(['0000', '0003', 'ffff'])('hold time %s is a matter of policy', (hold) => {
    expect(decode(openHex('', { hold })).holdTimeSec).toBe(Number.parseInt(hold, 16));
  });
});

test('every OPEN is decoded as it was encoded', () => {
  const known = fc.constantFrom(...capabilityRows.map(({ capability }) => capability));
  const capabilities = fc.array(
    known.filter(({ kind }) => kind !== 'as4'),
    { maxLength: 60 },
  );
  const opens = fc.record({
    version: fc.constant(4),
    asn: fc.integer({ min: 1, max: 65535 }),
    holdTimeSec: fc.constantFrom(0, 3, 90, 65535),
    routerId: fc.integer({ min: 1, max: 0xffffffff }),
    capabilities,
  });
  fc.assert(
    fc.property(opens, (open) => {
      const bytes = encodeOpen(open);
      expect(decodeOpen(bytes, headerBytes, bytes.length)).toEqual(open);
    }),
  );
});
