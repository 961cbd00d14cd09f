import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Bird } from '#support/daemons/bird.ts';
import { Fingerpost } from '#support/daemons/fingerpost.ts';
import { type Host, Network } from '#support/netns.ts';
import { describeInterop } from '#support/requirements.ts';
import { waitFor } from '#support/wait.ts';

/**
 * A BIRD and a fingerpost as the same route server: a node that announces one good and one bad route to each, a
 * router that accepts the routes, and a peer that does not exist.
 */
const birdAddress = '192.0.2.5';
const ourAddress = '192.0.2.9';
const nodeAddress = '192.0.2.11';
const routerAddress = '192.0.2.2';

const birdServer = `
router id ${birdAddress};
protocol device { }
filter only_loopbacks { if net ~ [ 198.51.100.0/24{32,32} ] then accept; reject; }
template bgp peers { local ${birdAddress} as 65002; strict bind; multihop; rs client; connect delay time 1; connect retry time 1; error wait time 1, 2; }
protocol bgp W1 from peers {
  neighbor ${nodeAddress} as 65001;
  ipv4 { import filter only_loopbacks; export none; import keep filtered; };
}
protocol bgp ER2 from peers { neighbor ${routerAddress} as 65003; ipv4 { import none; export all; }; }
protocol bgp GONE from peers { neighbor 192.0.2.99 as 65003; passive; ipv4 { import none; export all; }; }
`;

function speaker(address: string, as: number, announces: string): string {
  const session = (name: string, server: string): string => `
protocol bgp ${name} {
  local ${address} as ${as}; strict bind; multihop;
  neighbor ${server} as 65002; connect delay time 1; connect retry time 1; error wait time 1, 2;
  ipv4 { import all; export ${announces}; };
}`;
  return `
router id ${address};
protocol device { }
protocol static { ipv4; route 198.51.100.1/32 blackhole; route 203.0.113.0/24 blackhole; }
${session('TOBIRD', birdAddress)}
${session('TOUS', ourAddress)}
`;
}

function ours(host: Host): string {
  return `
router_id: ${ourAddress}
local_as: 65002
listen: ["${ourAddress}:179"]
http: { listen: 127.0.0.1:9179 }
control: { socket: ${join(host.folder, 'control.sock')} }
start_gate: 0
policies:
  only_loopbacks: [{ match: { prefix: "198.51.100.0/24{32,32}" }, then: accept }]
peer_groups:
  all: { families: [ipv4_unicast], multihop: 64, local_address: ${ourAddress} }
peers:
  - { name: W1, address: ${nodeAddress}, peer_as: 65001, group: all, import: only_loopbacks }
  - { name: ER2, address: ${routerAddress}, peer_as: 65003, group: all, export: all }
  - { name: GONE, address: 192.0.2.99, peer_as: 65003, group: all, export: all, passive: true }
`;
}

/** Every series by its name and labels, without those that only name the state in words. */
function seriesOf(page: string): Map<string, number> {
  const rows = page.matchAll(/^(bird_\w+)\{(.*)\} (\S+)$/gm);
  return new Map(
    [...rows].map(([, name, labels, value]) => {
      const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)]
        .filter(([, label]) => label !== 'state')
        .map(([pair]) => pair)
        .toSorted();
      return [`${name}{${pairs.join(',')}}`, Number(value)];
    }),
  );
}

function typesOf(page: string): string[] {
  return [...page.matchAll(/^# TYPE (bird_protocol_\w+ \w+)$/gm)]
    .map(([, type]) => type)
    .toSorted();
}

const programs = ['bird', 'prometheus-bird-exporter', 'curl'] as const;

describeInterop('/metrics/bird, beside the real bird_exporter of a BIRD', programs, () => {
  let network: Network;
  let host: Host;
  const theirs = () => scrape('127.0.0.1:9324/metrics');
  const mine = () => scrape('127.0.0.1:9179/metrics/bird');

  async function scrape(url: string): Promise<string> {
    return host.run(['curl', '-s', `http://${url}`]);
  }

  beforeAll(async () => {
    network = new Network();
    network.segment('site');
    const plugged = (name: string, ...addresses: string[]): Host => {
      const added = network.host(name);
      const withLengths = addresses.map((address) => `${address}/24`);
      network.plug(added, 'eth0', 'site', withLengths);
      return added;
    };
    host = plugged('servers', birdAddress, ourAddress);
    const bird = new Bird(host, birdServer, { label: 'server' });
    const fingerpost = new Fingerpost(host, ours(host));
    const node = new Bird(plugged('node', nodeAddress), speaker(nodeAddress, 65001, 'all'));
    const router = new Bird(
      plugged('router', routerAddress),
      speaker(routerAddress, 65003, 'none'),
    );
    const socket = join(host.folder, 'server.ctl');
    const options = ['-bird.v2', '-bird.socket', socket, '-web.listen-address', '127.0.0.1:9324'];
    host.start('exporter', ['prometheus-bird-exporter', ...options]);
    await waitFor(
      'the route at the router, from both',
      async () => (await router.routes('198.51.100.1/32')).map(({ protocol }) => protocol),
      (protocols) => protocols.includes('TOBIRD') && protocols.includes('TOUS'),
    );
    expect(await bird.isEstablished('W1')).toBe(true);
    expect(await node.isEstablished('TOUS')).toBe(true);
    expect(await fingerpost.established()).toEqual(['W1', 'ER2']);
  });

  afterAll(() => network.close());

  it('has the same series: each name with the same labels', async () => {
    const wanted = [...seriesOf(await theirs()).keys()].toSorted();
    const given = [...seriesOf(await mine()).keys()].toSorted();
    expect(wanted.length).toBeGreaterThan(60);
    expect(given.filter((name) => !name.startsWith('bird_daemon_'))).toEqual(wanted);
  });

  it('reports the same of each session and its routes as the other exporter', async () => {
    const wanted = seriesOf(await theirs());
    const given = seriesOf(await mine());
    const differing = [...wanted.keys()].filter(
      (name) =>
        /^bird_protocol_(up|prefix_\w+|changes_update_import_\w+)\{/.test(name) &&
        wanted.get(name) !== given.get(name),
    );
    expect(differing).toEqual([]);
  });

  it('has the same types, the same number of series, and the state in the same word', async () => {
    expect(typesOf(await mine())).toEqual(typesOf(await theirs()));
    const up = /^bird_protocol_up\{.*name="W1".*state="Established"\} 1$/m;
    expect(await theirs()).toMatch(up);
    expect(await mine()).toMatch(up);
  });
});
