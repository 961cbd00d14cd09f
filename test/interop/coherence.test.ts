import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { CoherenceView, SiblingStateView } from '#api/views/coherence.ts';
import { Bird } from '#support/daemons/bird.ts';
import { Fingerpost } from '#support/daemons/fingerpost.ts';
import { describeInterop } from '#support/requirements.ts';
import { waitFor } from '#support/wait.ts';
import { withLab } from './lab-test.ts';
import type { Lab } from './lab.ts';
import { ipv6Plan } from './plan.ts';
import { birdServer, service, siblingAddresses, siblingNodes } from './sibling-stage.ts';
import { startWebServer } from './web-server.ts';

/** Announced only to the sibling. */
const onlyThere = '2001:db8:30::2/128';

const config = (folder: string): string => `
router_id: 1.1.1.9
local_as: 65002
listen: ["[2001:db8:1::9]:179"]
http: { listen: 127.0.0.1:9179 }
control: { socket: ${join(folder, 'control.sock')} }
start_gate: 0
siblings: [RS4]
services:
  - name: web
    prefix: "2001:db8:30::/64{128,128}"
    probe: { http: { port: 80 }, interval: 200ms, timeout: 200ms, fall: 3, rise: 2 }
peer_groups:
  nodes: { peer_as: 65001, families: [ipv6_unicast], import: all, multihop: 10, hold_time: 6 }
peers:
  - { name: W1, address: "2001:db8:6::11", group: nodes, node: w1 }
  - { name: W2, address: "2001:db8:7::12", group: nodes, node: w2 }
  - { name: RS4, address: "2001:db8:1::4", peer_as: 65002, local_as: 65003, families: [ipv6_unicast], observer: true, hold_time: 6 }
`;

/** The sibling keeps the routes of a silent node for long, and prefers the older of two equal paths. */
const sibling = birdServer('external')
  .replace('hold time 6', 'hold time 240')
  .replace('igp metric off', 'igp metric off; prefer older on');

const session = (name: 'RS4' | 'RS9', med: number, prefixes: readonly string[]): string => `
protocol bgp ${name} {
  local as 65001; neighbor ${siblingAddresses[name]} as 65002; multihop 10; hold time 240;
  connect delay time 1; connect retry time 1; error wait time 1, 2; error forget time 3;
  ipv6 { import none; export filter { if net !~ [ ${prefixes.join(', ')} ] then reject; bgp_med = ${med}; accept; }; };
}`;

const nodeConfig = (
  { routerId }: (typeof siblingNodes)[number],
  med: number,
  toSibling: readonly string[] = [service],
): string => `
log stderr all;
router id ${routerId};
protocol device { scan time 1; }
protocol direct { ipv6; interface "eth*"; }
protocol static { ipv6; route ${service} blackhole; route ${onlyThere} blackhole; }
${session('RS4', med, toSibling)}
${session('RS9', med, [service])}
`;

function setStage(lab: Lab) {
  const [w1, w2] = siblingNodes.map((plan, index) => {
    const node = lab.nodes.find((one) => one.plan.name === plan.name);
    if (node === undefined) throw new Error(`no node ${plan.name}`);
    const bird = new Bird(node.host, nodeConfig(plan, 100 * (index + 1)));
    return { plan, bird, web: startWebServer(node.host) };
  });
  return {
    fingerpost: new Fingerpost(lab.routeServerHost, config(lab.routeServerHost.folder)),
    rs4: new Bird(lab.backboneHost('RS4', siblingAddresses.RS4), sibling),
    w1,
    w2,
  };
}

describeInterop('what a sibling says otherwise', ['bird'], () => {
  const stage = withLab(ipv6Plan, setStage);

  const shown = async (prefix: string, state: string): Promise<SiblingStateView> => {
    const of = ({ items }: CoherenceView): SiblingStateView =>
      items.find((item) => item.prefix === prefix)?.siblings[0] ?? { peer: 'RS4', state: 'same' };
    const view = await waitFor(
      `${prefix}: ${state}`,
      () => stage().fingerpost.get<CoherenceView>('/api/v1/coherence'),
      (seen) => seen.compared > 0 && of(seen).state === state,
    );
    return of(view);
  };

  it('is missing_here if a node announces it only to the sibling', async () => {
    const { w1 } = stage();
    await shown(service, 'same');
    await w1.bird.configure(nodeConfig(w1.plan, 100, [service, onlyThere]));
    const { why } = await shown(onlyThere, 'missing_here');
    expect(why).toBe('it offers 2001:db8:6::11 with MED 100; w1 does not announce it here');
    await w1.bird.configure(nodeConfig(w1.plan, 100));
    await shown(onlyThere, 'same');
  });

  it('is a tie if both are equal up to MED, and each server has a tie-break of its own', async () => {
    const { w1, w2 } = stage();
    await w1.bird.configure(nodeConfig(w1.plan, 300));
    await shown(service, 'same');
    await w1.bird.configure(nodeConfig(w1.plan, 200));
    const { why } = await shown(service, 'tie');
    expect(why).toMatch(/equal up to MED, so that each may choose/);
    await w2.bird.configure(nodeConfig(w2.plan, 400));
    await shown(service, 'same');
  });

  it('is only_they_hear_it if a node fell silent and its web server still answers', async () => {
    const { w1 } = stage();
    w1.bird.daemon.signal('SIGSTOP');
    const { why } = await shown(service, 'only_they_hear_it');
    expect(why).toMatch(/which of the two is right cannot be known here$/);
  });

  it('is stale_wins once the silent node does not answer its probe, but not while no node answers', async () => {
    const { w1, w2 } = stage();
    w1.web.signal('SIGSTOP');
    const { why } = await shown(service, 'stale_wins');
    expect(why).toMatch(/hold timer.*, and its own address does not answer from here either: /i);
    w2.web.signal('SIGSTOP');
    await shown(service, 'only_they_hear_it');
    w2.web.signal('SIGCONT');
    await shown(service, 'stale_wins');
    w1.web.signal('SIGCONT');
    await shown(service, 'only_they_hear_it');
    w1.bird.daemon.signal('SIGCONT');
    await shown(service, 'same');
  });

  it('is unknown while the observer session is down', async () => {
    await stage().rs4.command('disable FINGERPOST');
    const { why } = await shown(service, 'unknown');
    expect(why).toBe('its observer session is down');
  });
});
