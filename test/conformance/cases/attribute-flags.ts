import { attribute } from '#support/raw-message.ts';
import { changed, nextHopIpv4, segment, shortAsPath, u32 } from '../bytes.ts';
import { group } from '../case.ts';
import { multiprotocolIpv4, multiprotocolIpv6, routeRefresh } from '../open-bytes.ts';
import { attributeCase, type AttributeRow, withdrawn } from '../update-case.ts';

/**
 * RFC 7606 §3 c: one rule for the Optional and Transitive bits, whatever a wrong length or value of the attribute leads
 * to. Other optional attributes are in `optional.ts`, MP attributes in `multiprotocol.ts`.
 */
interface Kind {
  readonly label: string;
  readonly type: number;
  readonly flags: number;
  readonly value: readonly number[];
}

const kinds: readonly Kind[] = [
  { label: 'ORIGIN', type: 1, flags: 0x40, value: [0] },
  { label: 'AS_PATH', type: 2, flags: 0x40, value: segment(2, 65_001) },
  { label: 'NEXT_HOP', type: 3, flags: 0x40, value: nextHopIpv4 },
  { label: 'ATOMIC_AGGREGATE', type: 6, flags: 0x40, value: [] },
  { label: 'AGGREGATOR', type: 7, flags: 0xc0, value: [...u32(65_001), 192, 0, 2, 7] },
  { label: 'AS4_PATH', type: 17, flags: 0xc0, value: segment(2, 65_001) },
  { label: 'AS4_AGGREGATOR', type: 18, flags: 0xc0, value: [...u32(65_001), 192, 0, 2, 7] },
];

function rowsOf({ label, type, flags, value }: Kind): AttributeRow[] {
  return [0x00, 0x40, 0x80, 0xc0]
    .filter((wrong) => wrong !== flags)
    .map((wrong) => ({
      name: `${label} with flags 0x${wrong.toString(16).padStart(2, '0')} spoils the route`,
      clause: 'RFC 7606 §3 c',
      attributes: changed(attribute(wrong, type, value)),
      want: withdrawn,
    }));
}

const open = { capabilities: [multiprotocolIpv4, multiprotocolIpv6, routeRefresh] };

const fromOldRows: readonly AttributeRow[] = [17, 18].map((type) => ({
  name: `Attribute ${type} with flags 0x80 from a peer with 2-octet AS numbers spoils the route`,
  clause: 'RFC 7606 §3 c',
  open,
  attributes: changed(
    shortAsPath(65_001),
    attribute(0x80, type, type === 17 ? segment(2, 65_001) : [...u32(65_001), 192, 0, 2, 7]),
  ),
  want: withdrawn,
}));

const rows = [...kinds.flatMap(rowsOf), ...fromOldRows];

export const attributeFlagsCases = group('attribute flags', rows.map(attributeCase));
