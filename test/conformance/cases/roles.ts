import { attribute } from '#support/raw-message.ts';
import { announceIpv4, changed, u32 } from '../bytes.ts';
import { type Case, group, type PeerProfile } from '../case.ts';
import { capability, type OpenParts, usualCapabilities } from '../open-bytes.ts';
import { openCase, type OpenRow } from '../session-case.ts';
import { announced, attributeCase, type AttributeRow, seen, withdrawn } from '../update-case.ts';

const [provider, rs, rsClient, customer, peer] = [0, 1, 2, 3, 4];
const says = (...roles: number[]): OpenParts => ({
  capabilities: [...usualCapabilities(65_001), ...roles.map((role) => capability(9, role))],
});
const asRs: PeerProfile = { role: 'rs' };
const mismatch = 'NOTIFICATION 2/11';

const opens: readonly OpenRow[] = [
  {
    name: 'An RS-Client is welcome to an RS',
    clause: 'RFC 9234 §4.2',
    peer: asRs,
    open: says(rsClient),
    want: 'up',
  },
  {
    name: 'A Customer is welcome to a Provider',
    clause: 'RFC 9234 §4.2',
    peer: { role: 'provider' },
    open: says(customer),
    want: 'up',
  },
  {
    name: 'A Peer is welcome to a Peer',
    clause: 'RFC 9234 §4.2',
    peer: { role: 'peer' },
    open: says(peer),
    want: 'up',
  },
  {
    name: 'A peer without a role is welcome where strict mode is off',
    clause: 'RFC 9234 §4.2',
    peer: asRs,
    want: 'up',
  },
  ...(
    [
      ['Provider', provider],
      ['RS', rs],
      ['Customer', customer],
      ['Peer', peer],
      ['unassigned role', 9],
    ] as const
  ).map(([what, role]) => ({
    name: `To an RS a peer that is ${what} is a mismatch`,
    clause: 'RFC 9234 §4.2',
    peer: asRs,
    open: says(role),
    want: mismatch,
  })),
  {
    name: 'Two roles at once are a mismatch',
    clause: 'RFC 9234 §4.2',
    peer: asRs,
    open: says(rsClient, peer),
    want: mismatch,
  },
  {
    name: 'The same role twice is one role',
    clause: 'RFC 9234 §4.2, RFC 5492 §4',
    peer: asRs,
    open: says(rsClient, rsClient),
    want: 'up',
  },
];

const otc = (as: number): Buffer => attribute(0xc0, 35, u32(as));

const attributes: readonly AttributeRow[] = [
  {
    name: 'A route with OTC from an RS-Client is a leak',
    clause: 'RFC 9234 §5',
    peer: asRs,
    open: says(rsClient),
    attributes: changed(otc(65_010)),
    want: withdrawn,
  },
  {
    name: 'A route with OTC from a Customer is a leak',
    clause: 'RFC 9234 §5',
    peer: { role: 'provider' },
    open: says(customer),
    attributes: changed(otc(65_001)),
    want: withdrawn,
  },
  {
    name: 'A route without OTC from an RS-Client is no leak',
    clause: 'RFC 9234 §5',
    peer: asRs,
    open: says(rsClient),
    attributes: changed(),
    want: announced,
  },
  {
    name: 'A route from a Peer with the OTC of another is a leak',
    clause: 'RFC 9234 §5',
    peer: { role: 'peer' },
    open: says(peer),
    attributes: changed(otc(65_010)),
    want: withdrawn,
  },
  {
    name: 'A route from a Peer with its own OTC is no leak',
    clause: 'RFC 9234 §5',
    peer: { role: 'peer' },
    open: says(peer),
    attributes: changed(otc(65_001)),
    want: seen({ 35: 'c0 0000fde9' }),
  },
  {
    name: 'A route from a Peer is marked with the AS of the peer',
    clause: 'RFC 9234 §5',
    peer: { role: 'peer' },
    open: says(peer),
    attributes: changed(),
    want: seen({ 35: 'c0 0000fde9' }),
  },
  {
    name: 'A route from a Provider is marked with the AS of the peer',
    clause: 'RFC 9234 §5',
    peer: { role: 'customer' },
    open: says(provider),
    attributes: changed(),
    want: seen({ 35: 'c0 0000fde9' }),
  },
  {
    name: 'Where no roles are configured OTC passes as any attribute',
    clause: 'RFC 9234 §5, RFC 4271 §5',
    attributes: changed(otc(65_010)),
    want: seen({ 35: 'c0 0000fdf2' }),
  },
];

/**
 * A client that belongs to the case, and the daemon's role toward it: what becomes of a route with these attributes?
 */
function egress(
  name: string,
  role: PeerProfile['role'] & string,
  theirs: number,
  attributesOf: readonly Buffer[],
  want: string,
): Omit<Case, 'group'> {
  return {
    name,
    clause: 'RFC 9234 §5',
    peers: { source: {}, client: { routes: 'out', role } },
    want,
    async play(stage) {
      const capabilities = [...usualCapabilities(65_003), capability(9, theirs)];
      const view = await stage.client('client', { capabilities });
      const source = await stage.session();
      source.send(announceIpv4(stage.own.ipv4(), attributesOf));
      const through = role === 'customer' || role === 'peer' ? stage.clients.plain : view;
      const session = await stage.passed(source, through);
      if (session !== 'up') return session;
      const look = (): string => {
        const route = view.route(stage.own.ipv4());
        if (route === undefined) return 'not sent';
        return `OTC ${route.attributes.get(35)?.value.toString('hex') ?? 'absent'}`;
      };
      await stage.until(() => look() === want);
      return look();
    },
  };
}

const egresses = [
  egress(
    'To an RS-Client a route is sent with our AS in OTC',
    'rs',
    rsClient,
    changed(),
    'OTC 0000fdea',
  ),
  egress(
    'To a Customer a route is sent with our AS in OTC',
    'provider',
    customer,
    changed(),
    'OTC 0000fdea',
  ),
  egress('OTC that is there is not touched', 'rs', rsClient, changed(otc(65_010)), 'OTC 0000fdf2'),
  egress(
    'A route with OTC is not sent to a Provider',
    'customer',
    provider,
    changed(otc(65_010)),
    'not sent',
  ),
  egress('A route with OTC is not sent to a Peer', 'peer', peer, changed(otc(65_010)), 'not sent'),
];

const offer: Omit<Case, 'group'> = {
  name: 'The daemon says its role where one is configured',
  clause: 'RFC 9234 §4.1',
  peers: { source: asRs },
  want: 'RS',
  async play(stage) {
    const source = await stage.call();
    const open = source.raw.received.at(0)?.body.toString('hex') ?? '';
    return open.includes('090101') ? 'RS' : open;
  },
};

export const roleCases = group('roles', [
  ...opens.map(openCase),
  ...attributes.map(attributeCase),
  ...egresses,
  offer,
]);
