import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { CoherenceView, SiblingStateView } from '#api/coherence.ts';
import type { NodeEffectView } from '#api/drain.ts';
import { Bird } from '#support/daemons/bird.ts';
import { Fingerpost } from '#support/daemons/fingerpost.ts';
import type { Host } from '#support/netns.ts';
import { describeInterop } from '#support/requirements.ts';
import { waitFor } from '#support/wait.ts';
import { siblingSnippets } from '../../deploy/build/sibling-snippets.ts';
import { withLab } from './lab-test.ts';
import type { Lab } from './lab.ts';
import { ipv6Plan } from './plan.ts';

type Form = keyof typeof siblingSnippets.bird;

const service = '2001:db8:30::1/128';
const addresses = { RS9: '2001:db8:1::9', RS4: '2001:db8:1::4', RS5: '2001:db8:1::5' };
const nodes = ipv6Plan.nodes.slice(0, 2);

/** The first form: the sibling sees one more router; the second: an ordinary internal neighbor. */
const localAs: Readonly<Record<Form, string>> = { external: ', local_as: 65003', internal: '' };

const config = (folder: string, form: Form): string => `
router_id: 1.1.1.9
local_as: 65002
listen: ["[2001:db8:1::9]:179"]
http: { listen: 127.0.0.1:9179 }
control: { socket: ${join(folder, 'control.sock')} }
start_gate: 0
siblings: [RS4, RS5]
services: [{ name: web, prefix: "2001:db8:30::/64{128,128}" }]
peer_groups:
  nodes: { peer_as: 65001, families: [ipv6_unicast], import: all, multihop: 10, hold_time: 6 }
  siblings: { peer_as: 65002${localAs[form]}, families: [ipv6_unicast], observer: true, hold_time: 6 }
peers:
  - { name: W1, address: "2001:db8:6::11", group: nodes, node: w1 }
  - { name: W2, address: "2001:db8:7::12", group: nodes, node: w2 }
  - { name: ER2, address: "2001:db8:1::2", peer_as: 65003, families: [ipv6_unicast], export: all, hold_time: 6 }
  - { name: RS4, address: "2001:db8:1::4", group: siblings }
  - { name: RS5, address: "2001:db8:1::5", group: siblings }
`;

const birdServer = (form: Form): string => `
log stderr all;
router id 1.1.1.4;
protocol device { scan time 1; }
protocol direct { ipv6; }
protocol static { ipv6; ${ipv6Plan.gateways.map(({ segment, backboneAddress: via }) => `route ${segment} via ${via};`).join(' ')} }
template bgp NODES {
  local as 65002;
  rs client;
  multihop 10;
  hold time 6;
  connect delay time 1; connect retry time 1; error wait time 1, 2;
  igp metric off;
  ipv6 { import where net ~ [ 2001:db8:30::/64{128,128} ]; export none; };
}
${nodes.map(({ name, address }) => `protocol bgp ${name} from NODES { neighbor ${address} as 65001; }`).join('\n')}
${siblingSnippets.bird[form].replace('export all', 'export where source = RTS_BGP')}
`;

const frrServer = (form: Form): string => `log stdout
route-map EVERYTHING permit 10
route-map NOTHING deny 10
router bgp 65002 view RS
 bgp router-id 1.1.1.5
 no bgp default ipv4-unicast
 bgp graceful-restart-disable
 bgp bestpath compare-routerid
 ${nodes.map(({ address }) => [`neighbor ${address} remote-as 65001`, `neighbor ${address} ebgp-multihop 10`, `neighbor ${address} timers 2 6`, `neighbor ${address} timers connect 1`].join('\n ')).join('\n ')}
 address-family ipv6 unicast
  ${nodes.map(({ address }) => [`neighbor ${address} activate`, `neighbor ${address} route-server-client`, `neighbor ${address} route-map EVERYTHING in`, `neighbor ${address} route-map NOTHING out`].join('\n  ')).join('\n  ')}
 exit-address-family
${siblingSnippets.frr[form]}
line vty
`;

/** Announces the service to every route server, with a MED. */
function nodeConfig({ routerId }: (typeof nodes)[number], med: number): string {
  const session = ([name, address]: readonly [string, string]): string =>
    `protocol bgp ${name} { local as 65001; neighbor ${address} as 65002; multihop 10; hold time 6;
       connect delay time 1; connect retry time 1; error wait time 1, 2; error forget time 3;
       ipv6 { import none; export filter { if source != RTS_STATIC then reject; bgp_med = ${med}; accept; }; }; }`;
  return `
log stderr all;
router id ${routerId};
protocol device { scan time 1; }
protocol direct { ipv6; interface "eth*"; }
protocol static { ipv6; route ${service} blackhole; }
${Object.entries(addresses).map(session).join('\n')}
`;
}

function startFrr(host: Host, text: string): void {
  const file = join(host.folder, 'frr.conf');
  writeFileSync(file, text);
  const folders = ['-i', join(host.folder, 'bgpd.pid'), '--vty_socket', host.folder];
  const alone = ['--no_zebra', '--no_kernel', '--skip_runas', '-P', '0', '--log', 'stdout'];
  host.start('frr', ['/usr/lib/frr/bgpd', '-f', file, ...folders, ...alone]);
}

function setStage(lab: Lab, form: Form) {
  const fingerpost = new Fingerpost(lab.routeServerHost, config(lab.routeServerHost.folder, form));
  const rs4 = new Bird(lab.backboneHost('RS4', addresses.RS4), birdServer(form));
  startFrr(lab.backboneHost('RS5', addresses.RS5), frrServer(form));
  const [w1, w2] = nodes.map((plan, index) => {
    const node = lab.nodes.find((one) => one.plan.name === plan.name);
    if (node === undefined) throw new Error(`no node ${plan.name}`);
    return new Bird(node.host, nodeConfig(plan, 100 * (index + 1)));
  });
  const er2 = lab.birdRouter('ER2', 2);
  return { fingerpost, rs4, er2, w1, w2 };
}

for (const form of ['external', 'internal'] as const) {
  describeInterop(`BIRD and FRR as ${form} siblings`, ['bird', '/usr/lib/frr/bgpd'], () => {
    const stage = withLab(ipv6Plan, (lab) => setStage(lab, form));

    const coherence = () => stage().fingerpost.get<CoherenceView>('/api/v1/coherence');

    /** Waits for what is said of the address at the sibling. */
    const shown = async (sibling: string, state: string): Promise<SiblingStateView> => {
      const of = (view: CoherenceView): SiblingStateView =>
        view.items
          .find(({ prefix }) => prefix === service)
          ?.siblings.find(({ peer }) => peer === sibling) ?? { peer: sibling, state: 'same' };
      const view = await waitFor(
        `${sibling}: ${state}`,
        coherence,
        (seen) => of(seen).state === state,
      );
      return of(view);
    };

    it('are heard, and agree', async () => {
      const { compared } = await waitFor(
        'agreement',
        coherence,
        ({ siblings, items, compared: count }) =>
          count === 1 &&
          items.length === 0 &&
          siblings.every(({ unknown }) => unknown === undefined),
      );
      expect(compared).toBe(1);
      const { items } = await stage().fingerpost.get<{ items: { peer: string }[] }>(
        '/api/v1/routes',
      );
      expect(items.map(({ peer }) => peer).toSorted()).toEqual(['W1', 'W2']);
    });

    it.each(['RS4', 'RS5'])('%s without the session to W1 is different', async (sibling) => {
      await stage().w1.command(`disable ${sibling}`);
      const { next_hop: hop, med } = await shown(sibling, 'different');
      expect([hop, med]).toEqual(['2001:db8:7::12', 200]);
      await stage().w1.command(`enable ${sibling}`);
      await shown(sibling, 'same');
    });

    it.each(['RS4', 'RS5'])('%s without any node lacks the address', async (sibling) => {
      for (const bird of [stage().w1, stage().w2]) await bird.command(`disable ${sibling}`);
      await shown(sibling, 'missing_there');
      for (const bird of [stage().w1, stage().w2]) await bird.command(`enable ${sibling}`);
      await shown(sibling, 'same');
    });

    it('still offer a node that has closed its session with this server', async () => {
      await stage().w1.command('disable RS9');
      for (const sibling of ['RS4', 'RS5']) {
        const { why } = await shown(sibling, 'stale_wins');
        expect(why).toMatch(/the session of W1 with this server ended: /);
      }
      await stage().w1.command('enable RS9');
      await shown('RS4', 'same');
    });

    it('keep a drain from being called effective, until the node says so to them too', async () => {
      const { fingerpost, er2, w1 } = stage();
      await waitFor('ER2', () => er2.isEstablished(), Boolean);
      const effect = () => fingerpost.get<NodeEffectView>('/api/v1/nodes/w1/effect');
      const waiting = ['drain', '--node', 'w1', '--wait', 'effective', '--timeout', '3s'];
      const failure = await fingerpost.cli(...waiting).catch((error: unknown) => error);
      expect(failure).toMatchObject({
        code: 1,
        stdout: expect.stringMatching(/ER2 +no +inferred +RS4 sends w1 via 2001:db8:6::11/),
      });
      const [route] = await waitFor(
        'w2',
        () => er2.routes(),
        ([first]) => first?.med === 200,
      );
      expect(route.nextHop).toBe('2001:db8:7::12');
      await w1.configure(nodeConfig(nodes[0], 600));
      const { counts } = await waitFor('the effect', effect, ({ moved }) => moved);
      expect(counts).toEqual({ yes: 1, no: 0, unknown: 0 });
      expect(await fingerpost.cli(...waiting)).toMatch(/ER2 +yes +inferred .*RS4, RS5/);
      await w1.configure(nodeConfig(nodes[0], 100));
      expect(await fingerpost.cli('undrain', '--node', 'w1')).toBe('no longer drained: node w1\n');
      await waitFor(
        'w1',
        () => er2.routes(),
        ([first]) => first?.med === 100,
      );
      await shown('RS4', 'same');
    });

    it('are sent nothing but End-of-RIB', async () => {
      for (const name of ['RS4', 'RS5']) {
        const { messages, prefixes } = await stage().fingerpost.peer(name);
        expect([messages.sent.update, prefixes.advertised]).toEqual([1, 0]);
      }
    });
  });
}
