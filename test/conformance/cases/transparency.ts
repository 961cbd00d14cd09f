import { attribute } from '#support/raw-message.ts';
import { announceIpv4, announceIpv6, asPath, changed, hex, med, nextHop } from '../bytes.ts';
import { type Case, group } from '../case.ts';
import type { Stage } from '../stage.ts';
import { attributeCase, type AttributeRow, seen } from '../update-case.ts';

const rows: readonly AttributeRow[] = [
  {
    name: 'The AS of the route server is not in the path',
    clause: 'RFC 7947 §2.2.2.1',
    attributes: changed(asPath(65_001, 65_010)),
    want: seen({ 2: '40 02020000fde90000fdf2' }),
  },
  {
    name: 'A path with an AS twice passes as it came',
    clause: 'RFC 7947 §2.2.2.1',
    attributes: changed(asPath(65_001, 65_001, 65_010)),
    want: seen({ 2: '40 02030000fde90000fde90000fdf2' }),
  },
  {
    name: 'The next hop is that of the source, not of the route server',
    clause: 'RFC 7947 §2.2.1',
    attributes: changed(nextHop(198, 51, 100, 7)),
    want: seen({ 3: '40 c6336407' }),
  },
  {
    name: 'The metric passes',
    clause: 'RFC 7947 §2.2.3',
    attributes: changed(med(1000)),
    want: seen({ 4: '80 000003e8' }),
  },
  {
    name: 'A metric of 0 is a metric, and passes',
    clause: 'RFC 7947 §2.2.3',
    attributes: changed(med(0)),
    want: seen({ 4: '80 00000000' }),
  },
  {
    name: 'Non-transitive extended communities stay behind, the others pass',
    clause: 'RFC 4360 §6',
    attributes: changed(
      attribute(0xc0, 16, [...hex('4300000000000001 0002fde800000001 4004fde800000001')]),
    ),
    want: seen({ 16: 'c0 0002fde800000001' }),
  },
  {
    name: 'Of non-transitive extended communities alone not even the attribute is left',
    clause: 'RFC 4360 §6',
    attributes: changed(attribute(0xc0, 16, [...hex('4300000000000001')])),
    want: seen({ 16: 'absent' }),
  },
  {
    name: 'Extended communities of a type that is vendor-specific pass where they are transitive',
    clause: 'RFC 4360 §2, §6',
    attributes: changed(attribute(0xc0, 16, [...hex('8006000000000009 c006000000000009')])),
    want: seen({ 16: 'c0 8006000000000009' }),
  },
  {
    name: 'Non-transitive IPv6 address specific extended communities stay behind too',
    clause: 'RFC 5701 §2, RFC 4360 §6',
    attributes: changed(
      attribute(0xc0, 25, [
        ...hex('4002 20010db8000000000000000000000001 0007'),
        ...hex('0002 20010db8000000000000000000000001 0007'),
      ]),
    ),
    want: seen({ 25: 'c0 000220010db80000000000000000000000010007' }),
  },
  {
    name: 'No client is ever sent LOCAL_PREF',
    clause: 'RFC 4271 §5.1.5',
    attributes: changed(attribute(0x40, 5, [0, 0, 0, 200])),
    want: seen({ 5: 'absent' }),
  },
  {
    name: 'A missing metric is written into the route where that is configured',
    clause: 'docs/configuration.md med.missing',
    peer: { missingMed: 4000 },
    attributes: changed().filter((each) => each[1] !== 4),
    want: seen({ 4: '80 00000fa0' }),
    isOurs: true,
  },
  {
    name: 'A missing metric costs the route where that is configured',
    clause: 'docs/configuration.md med.missing',
    peer: { missingMed: 'reject' },
    attributes: changed().filter((each) => each[1] !== 4),
    want: { route: 'withdrawn' },
    isOurs: true,
  },
];

/** A client that belongs to the case is sent one route: what does the UPDATE look like? */
async function bytesOf(stage: Stage, family: 'ipv4' | 'ipv6'): Promise<number[]> {
  const source = await stage.session();
  const nlri = stage.own[family]();
  const others = [
    attribute(0xc0, 32, [...hex('0000fde80000000100000002')]),
    attribute(0xc0, 8, [...hex('fde80001')]),
  ];
  const attributes = changed(...others).toReversed();
  source.send(
    family === 'ipv4'
      ? announceIpv4(nlri, attributes)
      : announceIpv6(
          nlri,
          attributes.filter((each) => each[1] !== 3),
        ),
  );
  const view = stage.clients.plain;
  await stage.until(() => view.route(nlri) !== undefined);
  return [...(view.route(nlri)?.attributes.keys() ?? [])];
}

const others: readonly Omit<Case, 'group'>[] = [
  {
    name: 'MP_REACH_NLRI is the first attribute, the others follow in the order of their types',
    clause: 'RFC 7606 §5.1, RFC 4271 §5',
    peers: { source: {} },
    want: '14, 1, 2, 4, 8, 32',
    play: async (stage) => (await bytesOf(stage, 'ipv6')).join(', '),
  },
  {
    name: 'IPv4 routes are sent in the NLRI field, their attributes in the order of their types',
    clause: 'RFC 4271 §4.3, §5',
    peers: { source: {} },
    want: '1, 2, 3, 4, 8, 32',
    play: async (stage) => (await bytesOf(stage, 'ipv4')).join(', '),
  },
  {
    name: 'A route does not go back to the peer that it came from',
    clause: 'RFC 7947 §2.3, docs/rfcs.md',
    peers: { source: { routes: 'both' } },
    want: 'nothing came back',
    async play(stage) {
      const view = await stage.client('source');
      const source = stage.speaker('source');
      source.send(announceIpv4(stage.own.ipv4()));
      const session = await stage.passed(source);
      if (session !== 'up') return session;
      return view.route(stage.own.ipv4()) === undefined ? 'nothing came back' : 'it came back';
    },
  },
  {
    name: 'A peer whose own route is best is sent the next one: no path is hidden',
    clause: 'RFC 7947 §2.3.2',
    peers: { best: { routes: 'both' }, second: {} },
    want: 'MED 9',
    async play(stage) {
      const view = await stage.client('best');
      const second = await stage.session('second', { routerId: '10.0.0.2' });
      const nlri = stage.own.ipv4();
      stage.speaker('best').send(announceIpv4(nlri, changed(med(1))));
      second.send(announceIpv4(nlri, changed(med(9))));
      await stage.until(() => view.route(nlri) !== undefined);
      const route = view.route(nlri);
      return route === undefined ? 'hidden' : `MED ${route.attributes.get(4)?.value.at(-1)}`;
    },
  },
  {
    name: 'To an ordinary peer the path begins with our AS, the next hop is ours, the metric stays here',
    clause: 'RFC 4271 §5.1.2, §5.1.3, §5.1.4',
    peers: { source: {}, client: { routes: 'out', isRsClient: false } },
    want: '2 02020000fdea0000fde9, 3 7f000009, no 4',
    async play(stage) {
      const view = await stage.client('client');
      const source = await stage.session();
      source.send(announceIpv4(stage.own.ipv4()));
      await stage.until(() => view.route(stage.own.ipv4()) !== undefined);
      const attributes = view.route(stage.own.ipv4())?.attributes;
      const value = (type: number): string => attributes?.get(type)?.value.toString('hex') ?? '-';
      return `2 ${value(2)}, 3 ${value(3)}, ${attributes?.has(4) === true ? value(4) : 'no 4'}`;
    },
  },
];

export const transparencyCases = group('transparency', [...rows.map(attributeCase), ...others]);
