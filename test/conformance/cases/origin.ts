import { attribute } from '#support/raw-message.ts';
import { changed, hex, usual, without } from '../bytes.ts';
import { group } from '../case.ts';
import { announced, attributeCase, type AttributeRow, seen, withdrawn } from '../update-case.ts';

const origin = (flags: number, ...value: number[]): Buffer[] => changed(attribute(flags, 1, value));

const rows: readonly AttributeRow[] = [
  {
    name: 'ORIGIN with the Optional bit',
    clause: 'RFC 7606 §3 c',
    attributes: origin(0xc0, 0),
    want: withdrawn,
  },
  {
    name: 'ORIGIN without the Transitive bit',
    clause: 'RFC 7606 §3 c',
    attributes: origin(0x00, 0),
    want: withdrawn,
  },
  {
    name: 'ORIGIN with the Partial bit is no conflict of Optional and Transitive',
    clause: 'RFC 7606 §3 c',
    attributes: origin(0x60, 0),
    want: announced,
  },
  {
    name: 'ORIGIN of length 0',
    clause: 'RFC 7606 §7.1',
    attributes: origin(0x40),
    want: withdrawn,
  },
  {
    name: 'ORIGIN of length 2',
    clause: 'RFC 7606 §7.1',
    attributes: origin(0x40, 0, 0),
    want: withdrawn,
  },
  {
    name: 'ORIGIN with the undefined value 3',
    clause: 'RFC 7606 §7.1',
    attributes: origin(0x40, 3),
    want: withdrawn,
  },
  {
    name: 'ORIGIN with the undefined value 255',
    clause: 'RFC 7606 §7.1',
    attributes: origin(0x40, 255),
    want: withdrawn,
  },
  {
    name: 'ORIGIN missing',
    clause: 'RFC 7606 §3 d',
    attributes: without(1),
    want: withdrawn,
  },
  {
    name: 'ORIGIN twice: the first counts',
    clause: 'RFC 7606 §3 g',
    attributes: [attribute(0x40, 1, [1]), ...usual],
    want: seen({ 1: '40 01' }),
  },
  {
    name: 'ORIGIN twice, the second malformed: the first counts',
    clause: 'RFC 7606 §3 g',
    attributes: [...usual, attribute(0x40, 1, [9])],
    want: seen({ 1: '40 00' }),
  },
  {
    name: 'ORIGIN that claims more than the block holds',
    clause: 'RFC 7606 §4',
    attributes: [...without(1), hex('40 01 05 00')],
    want: withdrawn,
  },
  {
    name: 'ORIGIN IGP passes',
    clause: 'RFC 4271 §5.1.1',
    attributes: origin(0x40, 0),
    want: seen({ 1: '40 00' }),
  },
  {
    name: 'ORIGIN EGP passes',
    clause: 'RFC 4271 §5.1.1',
    attributes: origin(0x40, 1),
    want: seen({ 1: '40 01' }),
  },
  {
    name: 'ORIGIN INCOMPLETE passes',
    clause: 'RFC 4271 §5.1.1',
    attributes: origin(0x40, 2),
    want: seen({ 1: '40 02' }),
  },
];

export const originCases = group('origin', rows.map(attributeCase));
