import { expect, test } from 'vitest';
import { wellKnownCommunities } from '#wire/communities.ts';
import { communityValue } from '../policy/given.ts';

test('the well-known communities are those of IANA', () => {
  const rows = Object.entries({
    graceful_shutdown: '65535:0',
    llgr_stale: '65535:6',
    no_llgr: '65535:7',
    blackhole: '65535:666',
    no_export: '65535:65281',
    no_advertise: '65535:65282',
    no_export_subconfed: '65535:65283',
  });
  const want = Object.fromEntries(rows.map(([name, text]) => [name, communityValue(text)]));
  expect(wellKnownCommunities).toEqual(want);
});
