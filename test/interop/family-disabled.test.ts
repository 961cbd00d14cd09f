import { expect, it } from 'vitest';
import { announce, type Exabgp } from '#support/daemons/exabgp.ts';
import { Fingerpost } from '#support/daemons/fingerpost.ts';
import { describeInterop } from '#support/requirements.ts';
import { waitFor } from '#support/wait.ts';
import { withLab } from './lab-test.ts';
import { type Lab, nodePeer } from './lab.ts';
import { ipv4Plan } from './plan.ts';

const [first, second] = ipv4Plan.services;
const [node] = ipv4Plan.nodes;
const ipv6Service = '2001:db8:30::1/128';
const families = 'family { ipv4 unicast; ipv6 unicast; }';
const text = '4-byte next hop for an IPv6 route: `next-hop self` on an IPv4 session?';

interface Stage {
  readonly routeServer: Fingerpost;
  readonly exabgp: Exabgp;
}

function setStage(lab: Lab): Stage {
  const peers = [nodePeer(node)];
  const patterns = [ipv4Plan.servicePattern, '2001:db8:30::/64{128,128}'];
  const routeServer = new Fingerpost(lab.routeServerHost, {
    plan: ipv4Plan,
    peers,
    patterns,
    isDualStack: true,
  });
  const commands = [announce(node, first)];
  const exabgp = lab.exabgp(lab.nodes[0], { kind: 'commands', first: commands }, families);
  return { routeServer, exabgp };
}

describeInterop(
  'ExaBGP with `next-hop self` for an IPv6 route on an IPv4 session',
  ['exabgp'],
  () => {
    const stage = withLab(ipv4Plan, setStage);

    it('loses its IPv6 routes, and neither its session nor its IPv4 routes', async () => {
      const { routeServer, exabgp } = stage();
      const prefixes = async () =>
        (await routeServer.candidates()).map(({ prefix }) => prefix).toSorted();
      await waitFor('the IPv4 route', prefixes, (found) => found.join() === first);
      exabgp.say(`announce route ${ipv6Service} next-hop self med 100`, announce(node, second));
      await waitFor(
        'the next IPv4 route',
        prefixes,
        (found) => found.join() === `${first},${second}`,
      );
      const peer = await routeServer.peer(node.name);
      expect(peer).toMatchObject({
        state: 'established',
        flaps: 0,
        disabled_families: [{ family: 'ipv6_unicast', text }],
      });
      expect(routeServer.notificationsSent(node.name)).toEqual([]);
      expect(await routeServer.cli('show', 'peers')).toContain('Established (ipv6 off)');
      expect(await routeServer.cli('show', 'peer', node.name)).toContain(`reset ${node.name}`);
      await waitFor(
        'the line of the log',
        () => routeServer.events().map(({ event }) => event),
        (events) => events.includes('family_disabled'),
      );
    });
  },
);
