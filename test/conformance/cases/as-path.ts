import { attribute } from '#support/raw-message.ts';
import { asPath, changed, hex, segment, u32, usual, without } from '../bytes.ts';
import { group } from '../case.ts';
import { announced, attributeCase, type AttributeRow, seen, withdrawn } from '../update-case.ts';

const path = (...value: number[]): Buffer[] => changed(attribute(0x40, 2, value));
const wideAs = Array.from({ length: 300 }, (_, i) => 65_100 + i);

const rows: readonly AttributeRow[] = [
  {
    name: 'AS_PATH with the Optional bit',
    clause: 'RFC 7606 §3 c',
    attributes: changed(attribute(0xc0, 2, segment(2, 65_001))),
    want: withdrawn,
  },
  {
    name: 'AS_PATH without the Transitive bit',
    clause: 'RFC 7606 §3 c',
    attributes: changed(attribute(0x00, 2, segment(2, 65_001))),
    want: withdrawn,
  },
  {
    name: 'AS_PATH whose segment claims more ASes than there are',
    clause: 'RFC 7606 §7.2',
    attributes: path(2, 2, ...u32(65_001)),
    want: withdrawn,
  },
  {
    name: 'AS_PATH with one octet left over',
    clause: 'RFC 7606 §7.2',
    attributes: path(...segment(2, 65_001), 2),
    want: withdrawn,
  },
  {
    name: 'AS_PATH with half an AS number',
    clause: 'RFC 7606 §7.2',
    attributes: path(2, 1, 0, 0),
    want: withdrawn,
  },
  {
    name: 'AS_PATH in 2-octet AS numbers from a peer that has 4',
    clause: 'RFC 7606 §7.2',
    attributes: path(2, 1, 0xfd, 0xe9),
    want: withdrawn,
  },
  {
    name: 'AS_PATH with segment type 0',
    clause: 'RFC 7606 §7.2',
    attributes: path(...segment(0, 65_001)),
    want: withdrawn,
  },
  {
    name: 'AS_PATH with segment type 5',
    clause: 'RFC 7606 §7.2',
    attributes: path(...segment(2, 65_001), ...segment(5, 65_010)),
    want: withdrawn,
  },
  {
    name: 'AS_PATH with an empty segment',
    clause: 'RFC 7606 §7.2',
    attributes: path(...segment(2, 65_001), 2, 0),
    want: withdrawn,
  },
  {
    name: 'AS_PATH with an empty first segment',
    clause: 'RFC 7606 §7.2',
    attributes: path(2, 0, ...segment(2, 65_001)),
    want: withdrawn,
  },
  {
    name: 'AS_PATH with a confederation sequence from outside the confederation',
    clause: 'RFC 5065 §5, RFC 7606 §7.2',
    attributes: path(...segment(3, 65_010), ...segment(2, 65_001)),
    want: withdrawn,
  },
  {
    name: 'AS_PATH with a confederation set from outside the confederation',
    clause: 'RFC 5065 §5, RFC 7606 §7.2',
    attributes: path(...segment(2, 65_001), ...segment(4, 65_010)),
    want: withdrawn,
  },
  {
    name: 'AS_PATH with AS 0',
    clause: 'RFC 7607 §2',
    attributes: changed(asPath(65_001, 0, 65_010)),
    want: withdrawn,
  },
  {
    name: 'AS_PATH missing',
    clause: 'RFC 7606 §3 d',
    attributes: without(2),
    want: withdrawn,
  },
  {
    name: 'AS_PATH twice: the first counts',
    clause: 'RFC 7606 §3 g',
    attributes: [...usual, asPath(65_001, 65_010)],
    want: seen({ 2: '40 02010000fde9' }),
  },
  {
    name: 'AS_PATH that claims more than the block holds',
    clause: 'RFC 7606 §4',
    attributes: [...without(2), hex('40 02 0a 0201 0000fde9')],
    want: withdrawn,
  },
  {
    name: 'AS_PATH with the AS of the daemon is a loop',
    clause: 'RFC 4271 §9.1.2',
    attributes: changed(asPath(65_001, 65_002, 65_010)),
    want: withdrawn,
  },
  {
    name: 'AS_PATH that ends with the AS of the daemon is a loop',
    clause: 'RFC 4271 §9.1.2',
    attributes: changed(asPath(65_001, 65_010, 65_002)),
    want: withdrawn,
  },
  {
    name: 'AS_PATH that begins with another AS than the peer is refused',
    clause: 'RFC 4271 §6.3, docs/configuration.md enforce_first_as',
    attributes: changed(asPath(65_010, 65_001)),
    want: withdrawn,
  },
  {
    name: 'AS_PATH that begins with another AS than the peer passes where that is allowed',
    clause: 'RFC 7947 §2.2.2.1, docs/configuration.md enforce_first_as',
    peer: { enforceFirstAs: false },
    attributes: changed(asPath(65_010, 65_001)),
    want: seen({ 2: '40 02020000fdf20000fde9' }),
  },
  {
    name: 'An empty AS_PATH from an external peer does not begin with its AS',
    clause: 'RFC 4271 §5.1.2, §6.3',
    attributes: path(),
    want: withdrawn,
  },
  {
    name: 'AS_PATH that begins with a set does not begin with the AS of the peer',
    clause: 'RFC 4271 §6.3, RFC 9774 §3',
    peer: { allowAsSets: true },
    attributes: path(...segment(1, 65_001, 65_010)),
    want: withdrawn,
  },
  {
    name: 'AS_SET is refused',
    clause: 'RFC 9774 §3',
    attributes: path(...segment(2, 65_001), ...segment(1, 65_010, 65_011)),
    want: withdrawn,
  },
  {
    name: 'AS_SET passes where that is allowed',
    clause: 'RFC 4271 §4.3, docs/configuration.md allow_as_sets',
    peer: { allowAsSets: true },
    attributes: path(...segment(2, 65_001), ...segment(1, 65_010, 65_011)),
    want: seen({ 2: '40 02010000fde9 01020000fdf20000fdf3' }),
  },
  {
    name: 'AS_PATH in two sequences passes',
    clause: 'RFC 4271 §4.3',
    attributes: path(...segment(2, 65_001), ...segment(2, 65_010)),
    want: announced,
  },
  {
    name: 'AS_PATH of 301 ASes passes',
    clause: 'RFC 4271 §5.1.2',
    attributes: changed(
      attribute(0x50, 2, [
        ...segment(2, 65_001, ...wideAs.slice(0, 250)),
        ...segment(2, ...wideAs.slice(250)),
      ]),
    ),
    want: announced,
  },
  {
    name: 'AS_PATH with 4-octet ASes passes',
    clause: 'RFC 6793 §4.1',
    attributes: changed(asPath(65_001, 4_200_000_001)),
    want: seen({ 2: '40 02020000fde9fa56ea01' }),
  },
  {
    name: 'AS_PATH with AS_TRANS from a peer that has 4-octet AS numbers passes',
    clause: 'RFC 6793 §4.2.3',
    attributes: changed(asPath(65_001, 23_456)),
    want: seen({ 2: '40 02020000fde900005ba0' }),
  },
  {
    name: 'AS_PATH with the AS of the client passes: loops are for the client to find',
    clause: 'RFC 4271 §9.1.2, RFC 7947 §2.2.2',
    attributes: changed(asPath(65_001, 65_003)),
    want: seen({ 2: '40 02020000fde90000fdeb' }),
  },
];

export const asPathCases = group('as_path', rows.map(attributeCase));
