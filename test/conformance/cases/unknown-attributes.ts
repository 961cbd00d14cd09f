import { attribute } from '#support/raw-message.ts';
import { changed, hex, u32, usual } from '../bytes.ts';
import { group } from '../case.ts';
import { attributeCase, type AttributeRow, reset, seen, withdrawn } from '../update-case.ts';

const rows: readonly AttributeRow[] = [
  {
    name: 'An unknown optional transitive attribute passes with the Partial bit',
    clause: 'RFC 4271 §5, §9',
    attributes: changed(attribute(0xc0, 99, [1, 2, 3])),
    want: seen({ 99: 'e0 010203' }),
  },
  {
    name: 'An unknown optional transitive attribute that is partial stays so',
    clause: 'RFC 4271 §5',
    attributes: changed(attribute(0xe0, 99, [1, 2, 3])),
    want: seen({ 99: 'e0 010203' }),
  },
  {
    name: 'An unknown optional transitive attribute without a value passes',
    clause: 'RFC 4271 §5',
    attributes: changed(attribute(0xc0, 99, [])),
    want: seen({ 99: 'e0' }),
  },
  {
    name: 'An unknown optional transitive attribute of 300 octets passes',
    clause: 'RFC 4271 §5',
    attributes: changed(attribute(0xd0, 99, Array<number>(300).fill(7))),
    want: seen({ 99: `e0${'07'.repeat(300)}` }),
  },
  {
    name: 'Two unknown optional transitive attributes pass both',
    clause: 'RFC 4271 §5',
    attributes: changed(attribute(0xc0, 199, [1]), attribute(0xc0, 99, [2])),
    want: seen({ 99: 'e0 02', 199: 'e0 01' }),
  },
  {
    name: 'An unknown optional transitive attribute twice: the first counts',
    clause: 'RFC 7606 §3 g',
    attributes: [...changed(attribute(0xc0, 99, [1])), attribute(0xc0, 99, [2])],
    want: seen({ 99: 'e0 01' }),
  },
  {
    name: 'ATTR_SET, of which nothing is known here, passes with the Partial bit',
    clause: 'RFC 4271 §5, RFC 6368 §5',
    attributes: changed(attribute(0xc0, 128, [...u32(65_001), 0x40, 1, 1, 0])),
    want: seen({ 128: 'e0 0000fde9 40010100' }),
  },
  {
    name: 'An unknown optional non-transitive attribute is dropped',
    clause: 'RFC 4271 §5, §9',
    attributes: changed(attribute(0x80, 99, [1, 2, 3])),
    want: seen({ 99: 'absent' }),
  },
  {
    name: 'AIGP, which is not transitive, is dropped',
    clause: 'RFC 7311 §3.1, RFC 4271 §5',
    attributes: changed(attribute(0x80, 26, [...hex('01 000b 0000000000000005')])),
    want: seen({ 26: 'absent' }),
  },
  {
    name: 'An unknown attribute that claims more than the block holds spoils the route',
    clause: 'RFC 7606 §4',
    attributes: [...usual, hex('c0 63 09 01')],
    want: withdrawn,
  },
  {
    name: 'An unknown well-known attribute resets the session',
    clause: 'RFC 4271 §6.3',
    attributes: changed(attribute(0x40, 99, [1, 2])),
    want: reset('3/2', '4063020102'),
  },
  {
    name: 'An unknown attribute with neither bit is well-known and resets the session',
    clause: 'RFC 4271 §6.3',
    attributes: changed(attribute(0x00, 98, [])),
    want: reset('3/2', '006200'),
  },
];

export const unknownAttributeCases = group('unknown attributes', rows.map(attributeCase));
