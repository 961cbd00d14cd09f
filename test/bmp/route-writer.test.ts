import { describe, expect, test } from 'vitest';
import { PeerFlag, PeerType } from '#bmp/constants.ts';
import { withLocalPref } from '#bmp/local-pref.ts';
import type { PeerHeader } from '#bmp/message-writer.ts';
import { RouteWriter } from '#bmp/route-writer.ts';
import { parseAddress } from '#text/address.ts';
import { formatHex } from '#text/hex.ts';
import { parsePrefix } from '#text/prefix.ts';
import { decodeAttributes } from '#wire/attributes.ts';
import { OctetWriter } from '#wire/octet-writer.ts';
import { wholeRange } from '#wire/octets.ts';
import { fromHex } from '../wire/hex.ts';

const header: PeerHeader = {
  peer: {
    type: PeerType.globalInstance,
    address: parseAddress('192.0.2.11'),
    peerAs: 65_001,
    routerId: 1,
  },
  flags: PeerFlag.postPolicy,
  wallMs: undefined,
};
const perPeer =
  '0040 0000000000000000 000000000000000000000000c000020b 0000fde9 00000001 0000000000000000';
const marker = 'ff'.repeat(16);

/** ORIGIN IGP, AS_PATH 65001, MED 100. */
const attributes = fromHex('40010100 400206 02010000fde9 800404 00000064');
const nextHop6 = parseAddress('2001:db8:6::11');

function hex(text: string): string {
  return text.replaceAll(/\s/g, '');
}

function written(write: (routes: RouteWriter) => void): string {
  const out = new OctetWriter();
  write(new RouteWriter(out));
  return formatHex(out.take());
}

describe('Route Monitoring', () => {
  test('an announcement has the per-peer header and one UPDATE', () => {
    const bytes = written((routes) => {
      const options = { family: 1, addPath: false } as const;
      routes.announce(header, options, wholeRange(attributes), wholeRange(nextHop6));
      routes.add(parsePrefix('2001:db8:30::/48'), 0);
      routes.add(parsePrefix('2001:db8:31::/48'), 0);
      routes.end();
    });
    expect(bytes).toBe(
      hex(`03 00000082 00 ${perPeer} ${marker} 0052 02 0000 003b
        900e 0023 0002 01 10 20010db8000600000000000000000011 00 30 20010db80030 30 20010db80031
        40010100 400206 02010000fde9 800404 00000064`),
    );
  });

  test('a withdrawal of a session with ADD-PATH has the path identifier', () => {
    const bytes = written((routes) => {
      routes.withdraw(header, { family: 0, addPath: true });
      routes.add(parsePrefix('198.51.100.0/24'), 7);
      routes.end();
    });
    expect(bytes).toBe(
      hex(`03 0000004f 00 ${perPeer} ${marker} 001f 02 0008 00000007 18 c63364 0000`),
    );
  });

  test('existing UPDATEs are forwarded one by one', () => {
    const end = `${marker}0017 02 0000 0000`;
    const bytes = written((routes) => routes.forward(header, fromHex(hex(end + end))));
    expect(bytes).toBe(hex(`03 00000047 00 ${perPeer} ${end}`.repeat(2)));
    expect(written((routes) => routes.endOfRib(header, 0))).toBe(
      hex(`03 00000047 00 ${perPeer} ${end}`),
    );
  });

  test('attributes that fit only into an extended message are written into one', () => {
    const long = new Uint8Array(5000).fill(0);
    // An unknown optional transitive attribute of 4996 bytes.
    long.set([0xd0, 0xfd, 0x13, 0x84]);
    const bytes = written((routes) => {
      const options = { family: 1, addPath: false } as const;
      expect(routes.announce(header, options, wholeRange(long), wholeRange(nextHop6))).toBe(true);
      routes.add(parsePrefix('2001:db8:30::/48'), 0);
      routes.end();
    });
    expect(bytes.length / 2).toBeGreaterThan(5000);
  });

  test('LOCAL_PREF is inserted between MED and the attributes after it', () => {
    const communities = fromHex('c00804fde80001');
    const block = Uint8Array.of(...attributes, ...communities);
    const withPref = withLocalPref(wholeRange(block), 250);
    expect(formatHex(withPref)).toBe(
      formatHex(attributes) + '400504000000fa' + formatHex(communities),
    );
    const { attributes: read } = decodeAttributes(withPref, 0, withPref.length, {
      mpNextHop: undefined,
      needsNextHop: false,
      keepsLocalPref: true,
    });
    expect(read.localPref).toBe(250);
    expect(formatHex(withLocalPref(wholeRange(new Uint8Array(0)), 1))).toBe('40050400000001');
  });
});
