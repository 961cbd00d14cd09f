import { attribute } from '#support/raw-message.ts';
import { changed, hex, med, without } from '../bytes.ts';
import { group } from '../case.ts';
import { attributeCase, type AttributeRow, seen } from '../update-case.ts';

const rows: readonly AttributeRow[] = [
  {
    name: 'MULTI_EXIT_DISC missing stays missing',
    clause: 'RFC 4271 §5.1.4, RFC 7947 §2.2.3',
    attributes: without(4),
    want: seen({ 4: 'absent' }),
  },
  {
    name: 'MULTI_EXIT_DISC 4294967295 passes',
    clause: 'RFC 7947 §2.2.3',
    attributes: changed(med(0xffff_ffff)),
    want: seen({ 4: '80 ffffffff' }),
  },
  {
    name: 'COMMUNITIES with the Partial bit keep it',
    clause: 'RFC 4271 §5',
    attributes: changed(attribute(0xe0, 8, [...hex('fde80001')])),
    want: seen({ 8: 'e0 fde80001' }),
  },
  {
    name: 'COMMUNITIES pass in the order in which they came, twice the same too',
    clause: 'RFC 7947 §2.2.4',
    attributes: changed(attribute(0xc0, 8, [...hex('fde80009 fde80001 fde80009')])),
    want: seen({ 8: 'c0 fde80009 fde80001 fde80009' }),
    isOurs: true,
  },
  {
    name: 'NO_EXPORT is for the clients and passes',
    clause: 'RFC 7947 §2.2.4',
    attributes: changed(attribute(0xc0, 8, [...hex('ffffff01')])),
    want: seen({ 8: 'c0 ffffff01' }),
  },
  {
    name: 'NO_ADVERTISE is for the clients and passes',
    clause: 'RFC 7947 §2.2.4',
    attributes: changed(attribute(0xc0, 8, [...hex('ffffff02')])),
    want: seen({ 8: 'c0 ffffff02' }),
  },
  {
    name: 'NO_EXPORT_SUBCONFED is for the clients and passes',
    clause: 'RFC 7947 §2.2.4',
    attributes: changed(attribute(0xc0, 8, [...hex('ffffff03')])),
    want: seen({ 8: 'c0 ffffff03' }),
  },
  {
    name: 'NO_EXPORT is honoured where that is configured',
    clause: 'RFC 1997, docs/configuration.md communities',
    peer: { interpretsCommunities: true },
    attributes: changed(attribute(0xc0, 8, [...hex('ffffff01')])),
    want: seen({ 8: 'c0 ffffff01' }),
    isOurs: true,
  },
  {
    name: 'BLACKHOLE passes',
    clause: 'RFC 7999 §3',
    attributes: changed(attribute(0xc0, 8, [...hex('ffff029a')])),
    want: seen({ 8: 'c0 ffff029a' }),
  },
  {
    name: 'GRACEFUL_SHUTDOWN passes',
    clause: 'RFC 8326 §4, RFC 7947 §2.2.4',
    attributes: changed(attribute(0xc0, 8, [...hex('ffff0000')])),
    want: seen({ 8: 'c0 ffff0000' }),
  },
  {
    name: 'Sixty-four communities need an extended length and pass',
    clause: 'RFC 4271 §4.3',
    attributes: changed(
      attribute(0xd0, 8, Array.from({ length: 64 }, (_, i) => [0xfd, 0xe8, 0, i]).flat()),
    ),
    want: seen({
      8: `c0${Array.from({ length: 64 }, (_, i) => `fde800${i.toString(16).padStart(2, '0')}`).join('')}`,
    }),
  },
  {
    name: 'An extended community of an unknown type passes',
    clause: 'RFC 4360 §6, RFC 7606 §7.14',
    attributes: changed(attribute(0xc0, 16, [...hex('9e9e010203040506')])),
    want: seen({ 16: 'c0 9e9e010203040506' }),
  },
  {
    name: 'A large community that comes twice passes once',
    clause: 'RFC 8092 §5',
    attributes: changed(
      attribute(0xc0, 32, [...hex('0000fde80000000100000002 0000fde80000000100000002')]),
    ),
    want: seen({ 32: 'c0 0000fde8 00000001 00000002' }),
  },
  {
    name: 'Large communities pass in the order in which they came',
    clause: 'RFC 7947 §2.2.4',
    attributes: changed(
      attribute(0xc0, 32, [...hex('0000fde80000000900000002 0000fde80000000100000002')]),
    ),
    want: seen({ 32: 'c0 0000fde80000000900000002 0000fde80000000100000002' }),
    isOurs: true,
  },
  {
    name: 'All kinds of communities pass side by side',
    clause: 'RFC 7947 §2.2.4',
    attributes: changed(
      attribute(0xc0, 8, [...hex('fde80001')]),
      attribute(0xc0, 16, [...hex('0002fde800000001')]),
      attribute(0xc0, 32, [...hex('0000fde80000000100000002')]),
    ),
    want: seen({
      8: 'c0 fde80001',
      16: 'c0 0002fde800000001',
      32: 'c0 0000fde80000000100000002',
    }),
  },
];

export const valueCases = group('values', rows.map(attributeCase));
