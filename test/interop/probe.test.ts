import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { PathView } from '#api/views/path.ts';
import type { ServiceAddressView, ServiceView } from '#api/views/service.ts';
import { Bird } from '#support/daemons/bird.ts';
import { Fingerpost } from '#support/daemons/fingerpost.ts';
import { describeInterop } from '#support/requirements.ts';
import { waitFor } from '#support/wait.ts';
import { withLab } from './lab-test.ts';
import type { Lab } from './lab.ts';
import { ipv6Plan } from './plan.ts';
import { startWebServer } from './web-server.ts';

const service = '2001:db8:30::1/128';

const config = (folder: string): string => `
router_id: 1.1.1.9
local_as: 65002
listen: ["[2001:db8:1::9]:179"]
http: { listen: 127.0.0.1:9179 }
control: { socket: ${join(folder, 'control.sock')} }
start_gate: 0
services:
  - name: web
    prefix: "2001:db8:30::/64{128,128}"
    probe: { http: { port: 80 }, interval: 200ms, timeout: 200ms, fall: 3, rise: 2, hold_down: 1s, on_fail: rank_last }
peer_groups:
  nodes: { peer_as: 65001, families: [ipv6_unicast], import: all, multihop: 10, hold_time: 6 }
peers:
  - { name: W1, address: "2001:db8:6::11", group: nodes, node: w1 }
  - { name: W2, address: "2001:db8:7::12", group: nodes, node: w2 }
  - { name: W3, address: "2001:db8:8::13", group: nodes, node: w3 }
`;

/** Announces the service whatever its state, by a health check that always succeeds. */
const announcer = (routerId: string, med: number): string => `
log stderr all;
router id ${routerId};
protocol device { scan time 1; }
protocol direct { ipv6; interface "eth*"; }
protocol static { ipv6; route ${service} blackhole; }
protocol bgp RS9 {
  local as 65001; neighbor 2001:db8:1::9 as 65002; multihop 10; hold time 6;
  connect delay time 1; connect retry time 1; error wait time 1, 2;
  ipv6 { import none; export filter { if source != RTS_STATIC then reject; bgp_med = ${med}; accept; }; };
}
`;

function setStage(lab: Lab) {
  const fingerpost = new Fingerpost(lab.routeServerHost, config(lab.routeServerHost.folder));
  const birds = lab.nodes.map(
    ({ host, plan }, index) => new Bird(host, announcer(plan.routerId, 100 * (index + 1))),
  );
  const servers = lab.nodes.map(({ host }) => startWebServer(host));
  return { fingerpost, birds, servers };
}

/** Returns the result of the probe for each node. */
function probes(view: ServiceAddressView | undefined): string {
  return (view?.paths ?? [])
    .toSorted((a, b) => (a.node < b.node ? -1 : 1))
    .map(({ probe = '-' }) => probe)
    .join(' ');
}

describeInterop('the probe of a service', ['bird'], () => {
  const stage = withLab(ipv6Plan, setStage);

  const address = async (): Promise<ServiceAddressView | undefined> => {
    const view = await stage().fingerpost.get<ServiceView>('/api/v1/services/web');
    return view.addresses.find(({ prefix }) => prefix === service);
  };
  it('finds that nodes answer', async () => {
    await waitFor('answers', address, (view) => probes(view) === 'answering answering answering');
  });

  it('shows a frozen server whose health check still passes, and ranks it last', async () => {
    stage().servers[0].signal('SIGSTOP');
    const view = await waitFor('w2', address, (seen) => seen?.best === 'w2');
    expect(probes(view)).toBe('not_answering answering answering');
    expect(view?.findings).toContain(
      'w1 is announced as up; its own address does not answer from here',
    );
    const explain = await stage().fingerpost.get<{ candidates: (PathView & { ours?: string })[] }>(
      `/api/v1/explain?prefix=${encodeURIComponent(service)}`,
    );
    expect(explain.candidates.find(({ peer }) => peer === 'W1')?.ours).toBe('up, not answering');
  });

  it('changes no ranking while half of the nodes do not answer, and undoes earlier changes', async () => {
    stage().servers[1].signal('SIGSTOP');
    const view = await waitFor('w1', address, (seen) => seen?.best === 'w1');
    expect(probes(view)).toBe('not_answering not_answering answering');
    await waitFor(
      'the line that says so',
      () => stage().fingerpost.events(),
      (lines) =>
        lines.some(({ msg = '' }) =>
          msg.includes('2 of 3 nodes do not answer; probes change no ranking'),
        ),
    );
  });

  it('counts again once that is over', async () => {
    stage().servers[1].signal('SIGCONT');
    await waitFor('w2', address, (seen) => seen?.best === 'w2');
    stage().servers[0].signal('SIGCONT');
    await waitFor('w1', address, (seen) => seen?.best === 'w1');
  });
});
