import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { CoherenceView, SiblingStateView } from '#api/views/coherence.ts';
import type { NodeEffectView } from '#api/views/drain.ts';
import { Bird } from '#support/daemons/bird.ts';
import { Fingerpost } from '#support/daemons/fingerpost.ts';
import type { Host } from '#support/netns.ts';
import { describeInterop } from '#support/requirements.ts';
import { waitFor } from '#support/wait.ts';
import { bird1Folder, startFrr } from './daemons.ts';
import { withLab } from './lab-test.ts';
import type { Lab } from './lab.ts';
import { ipv6Plan } from './plan.ts';
import {
  bird1Server,
  birdServer,
  type Form,
  frrServer,
  nodeConfig,
  service,
  siblingAddresses,
  siblingNodes,
} from './sibling-stage.ts';

const programs = ['bird', '/usr/lib/frr/bgpd', `${bird1Folder}/bird`] as const;

/** In the first form the sibling sees one more router, in the second an ordinary internal neighbor. */
const localAs: Readonly<Record<Form, string>> = { external: ', local_as: 65003', internal: '' };

const config = (folder: string, form: Form): string => `
router_id: 1.1.1.9
local_as: 65002
listen: ["[2001:db8:1::9]:179"]
http: { listen: 127.0.0.1:9179 }
control: { socket: ${join(folder, 'control.sock')} }
start_gate: 0
siblings: [RS4, RS5, RS3]
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
  - { name: RS3, address: "2001:db8:1::3", group: siblings }
`;

function setStage(lab: Lab, form: Form) {
  const fingerpost = new Fingerpost(lab.routeServerHost, config(lab.routeServerHost.folder, form));
  const rs4 = new Bird(lab.backboneHost('RS4', siblingAddresses.RS4), birdServer(form));
  startFrr(lab.backboneHost('RS5', siblingAddresses.RS5), frrServer(form));
  startBird1(lab.backboneHost('RS3', siblingAddresses.RS3), bird1Server(form));
  const [w1, w2] = siblingNodes.map((plan, index) => {
    const node = lab.nodes.find((one) => one.plan.name === plan.name);
    if (node === undefined) throw new Error(`no node ${plan.name}`);
    return new Bird(node.host, nodeConfig(plan, 100 * (index + 1)));
  });
  const er2 = lab.birdRouter('ER2', 2);
  return { fingerpost, rs4, er2, w1, w2 };
}

function startBird1(host: Host, text: string): void {
  const file = join(host.folder, 'bird.conf');
  writeFileSync(file, text);
  const argv = [`${bird1Folder}/bird6`, '-f', '-c', file, '-s', join(host.folder, 'bird.ctl')];
  host.start('bird', argv);
}

for (const form of ['external', 'internal'] as const) {
  describeInterop(`BIRD 2, BIRD 1.6 and FRR as ${form} siblings`, programs, () => {
    const stage = withLab(ipv6Plan, (lab) => setStage(lab, form));

    const coherence = () => stage().fingerpost.get<CoherenceView>('/api/v1/coherence');

    /** Waits until the address has this state at the sibling. */
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

    it.each(['RS4', 'RS5', 'RS3'])('%s without the session to W1 is different', async (sibling) => {
      await stage().w1.command(`disable ${sibling}`);
      const { next_hop: hop, med } = await shown(sibling, 'different');
      expect([hop, med]).toEqual(['2001:db8:7::12', 200]);
      await stage().w1.command(`enable ${sibling}`);
      await shown(sibling, 'same');
    });

    it.each(['RS4', 'RS5', 'RS3'])('%s without any node lacks the address', async (sibling) => {
      for (const bird of [stage().w1, stage().w2]) await bird.command(`disable ${sibling}`);
      await shown(sibling, 'missing_there');
      for (const bird of [stage().w1, stage().w2]) await bird.command(`enable ${sibling}`);
      await shown(sibling, 'same');
    });

    it('still offer a node that has closed its session with this server', async () => {
      await stage().w1.command('disable RS9');
      for (const sibling of ['RS4', 'RS5', 'RS3']) {
        const { why } = await shown(sibling, 'stale_wins');
        expect(why).toMatch(/the session of W1 with this server ended: /);
      }
      await stage().w1.command('enable RS9');
      await shown('RS4', 'same');
    });

    it('keep a drain from being reported as effective until the node withdraws from them too', async () => {
      const { fingerpost, er2, w1 } = stage();
      await waitFor('ER2', () => er2.isEstablished(), Boolean);
      const effect = () => fingerpost.get<NodeEffectView>('/api/v1/nodes/w1/effect');
      const drain = ['drain', '--node', 'w1', '--wait', 'effective'];
      const failure = await fingerpost
        .cli(...drain, '--timeout', '3s')
        .catch((error: unknown) => error);
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
      await w1.configure(nodeConfig(siblingNodes[0], 600));
      const { counts } = await waitFor('the effect', effect, ({ moved }) => moved);
      expect(counts).toEqual({ yes: 1, no: 0, unknown: 0 });
      expect(await fingerpost.cli(...drain)).toMatch(/ER2 +yes +inferred .*RS4, RS5, RS3/);
      await w1.configure(nodeConfig(siblingNodes[0], 100));
      expect(await fingerpost.cli('undrain', '--node', 'w1')).toBe('no longer drained: node w1\n');
      await waitFor(
        'w1',
        () => er2.routes(),
        ([first]) => first?.med === 100,
      );
      await shown('RS4', 'same');
    });

    it('are sent nothing but End-of-RIB', async () => {
      for (const name of ['RS4', 'RS5', 'RS3']) {
        const { messages, prefixes } = await stage().fingerpost.peer(name);
        expect([messages.sent.update, prefixes.advertised]).toEqual([1, 0]);
      }
    });
  });
}
