import { group } from '../case.ts';
import {
  capabilitiesParameter,
  capability,
  extended,
  fourOctetAs,
  longParameter,
  multiprotocolIpv4,
  openMessage,
  parameter,
  usualCapabilities,
} from '../open-bytes.ts';
import { openCase, type OpenRow } from '../session-case.ts';

const usual = usualCapabilities(65_001);
const allInOne = capabilitiesParameter(...usual);
/** Forty octets for each capability that no daemon knows. */
const filler = Array.from({ length: 8 }, (_, i) =>
  capability(200 + i, ...Array<number>(40).fill(i)),
);
/** More than 255 octets of such capabilities. */
const many = [...usual, ...filler].flat();

const rows: readonly OpenRow[] = [
  {
    name: 'Capabilities in one parameter each are taken together',
    clause: 'RFC 5492 §4',
    open: { parameters: usual.flatMap((each) => capabilitiesParameter(each)) },
    want: 'up',
  },
  {
    name: 'An empty Capabilities parameter is no error',
    clause: 'RFC 5492 §4',
    open: { parameters: [...parameter(2, []), ...allInOne] },
    want: 'up',
  },
  {
    name: 'An Opt Parm Len that overruns the message is an error',
    clause: 'RFC 4271 §6.2',
    open: { parameters: allInOne, parametersLength: allInOne.length + 1 },
    want: 'NOTIFICATION 2/0',
  },
  {
    name: 'Octets after the optional parameters are an error',
    clause: 'RFC 4271 §6.2',
    open: { parameters: allInOne, parametersLength: allInOne.length - 6 },
    want: 'NOTIFICATION 2/0',
  },
  {
    name: 'An Opt Parm Len of 0 with parameters behind it is an error',
    clause: 'RFC 4271 §6.2',
    open: { parameters: allInOne, parametersLength: 0 },
    want: 'NOTIFICATION 2/0',
  },
  {
    name: 'A parameter whose header is cut off is an error',
    clause: 'RFC 4271 §6.2',
    open: { parameters: [...allInOne, 2] },
    want: 'NOTIFICATION 2/0',
  },
  {
    name: 'A parameter that overruns the others is an error',
    clause: 'RFC 4271 §6.2',
    open: { parameters: [2, 7, ...multiprotocolIpv4] },
    want: 'NOTIFICATION 2/0',
  },
  {
    name: 'The deprecated Authentication parameter is not supported',
    clause: 'RFC 4271 §6.2, Appendix A',
    open: { parameters: [...parameter(1, [0]), ...allInOne] },
    want: 'NOTIFICATION 2/4',
  },
  {
    name: 'An unknown parameter is not supported',
    clause: 'RFC 4271 §6.2',
    open: { parameters: [...allInOne, ...parameter(5, [1, 2, 3])] },
    want: 'NOTIFICATION 2/4',
  },
  {
    name: 'The extended format is understood though it is not needed',
    clause: 'RFC 9072 §2',
    open: { parameters: extended(longParameter(2, usual.flat())), parametersLength: 255 },
    want: 'up',
  },
  {
    name: 'The extended format carries more than 255 octets of capabilities',
    clause: 'RFC 9072 §2',
    open: { parameters: extended(longParameter(2, many)), parametersLength: 255 },
    want: 'up',
  },
  {
    name: 'The extended format carries several parameters',
    clause: 'RFC 9072 §2',
    open: {
      parameters: extended([...usual, ...filler].flatMap((each) => longParameter(2, each))),
      parametersLength: 255,
    },
    want: 'up',
  },
  {
    name: 'The one-octet length before the extended format is not looked at, if it is not 0',
    clause: 'RFC 9072 §2',
    open: { parameters: extended(longParameter(2, usual.flat())), parametersLength: 7 },
    want: 'up',
  },
  {
    name: 'An extended length that overruns the message is an error',
    clause: 'RFC 9072 §2, RFC 4271 §6.2',
    open: {
      parameters: extended(longParameter(2, usual.flat()), usual.flat().length + 4),
      parametersLength: 255,
    },
    want: 'NOTIFICATION 2/0',
  },
  {
    name: 'Octets after the extended parameters are an error',
    clause: 'RFC 9072 §2, RFC 4271 §6.2',
    open: {
      parameters: extended(longParameter(2, usual.flat()), usual.flat().length),
      parametersLength: 255,
    },
    want: 'NOTIFICATION 2/0',
  },
  {
    name: 'An extended parameter that overruns the others is an error',
    clause: 'RFC 9072 §2, RFC 4271 §6.2',
    open: {
      parameters: extended([2, 1, 0, ...multiprotocolIpv4]),
      parametersLength: 255,
    },
    want: 'NOTIFICATION 2/0',
  },
  {
    name: 'An extended length that is itself cut off is an error',
    clause: 'RFC 9072 §2, RFC 4271 §6.2',
    open: { parameters: [255, 0], parametersLength: 255 },
    want: 'NOTIFICATION 2/0',
  },
  {
    name: 'An unknown parameter in the extended format is not supported',
    clause: 'RFC 9072 §2, RFC 4271 §6.2',
    open: {
      parameters: extended([...longParameter(2, usual.flat()), ...longParameter(5, [1])]),
      parametersLength: 255,
    },
    want: 'NOTIFICATION 2/4',
  },
  {
    name: 'Type 255 among extended parameters is a parameter that nobody knows',
    clause: 'RFC 9072 §3',
    open: {
      parameters: extended([...longParameter(2, usual.flat()), ...longParameter(255, [])]),
      parametersLength: 255,
    },
    want: 'NOTIFICATION 2/4',
  },
  {
    name: 'A capability whose header is cut off is an error',
    clause: 'RFC 4271 §6.2, RFC 5492 §4',
    open: { parameters: parameter(2, [...usual.flat(), 70]) },
    want: 'NOTIFICATION 2/0',
  },
  {
    name: 'A capability that overruns its parameter is an error',
    clause: 'RFC 4271 §6.2, RFC 5492 §4',
    open: { parameters: parameter(2, [...multiprotocolIpv4, 65, 4, 0, 0, 0xfd]) },
    want: 'NOTIFICATION 2/0',
  },
  {
    name: 'A 4-octet AS capability of 2 octets is an error',
    clause: 'RFC 6793 §3, RFC 4271 §6.2',
    open: { capabilities: [multiprotocolIpv4, capability(65, 0xfd, 0xe9)] },
    want: 'NOTIFICATION 2/0',
  },
  {
    name: 'A Multiprotocol capability of 3 octets is an error',
    clause: 'RFC 4760 §8, RFC 4271 §6.2',
    open: { capabilities: [capability(1, 0, 1, 1), fourOctetAs(65_001)] },
    want: 'NOTIFICATION 2/0',
  },
  {
    name: 'No parameter at all is how BGP-4 began',
    clause: 'RFC 4271 §4.2',
    bytes: openMessage({ capabilities: [] }),
    open: { capabilities: [] },
    want: 'up',
  },
];

export const openParameterCases = group('open parameters', rows.map(openCase));
