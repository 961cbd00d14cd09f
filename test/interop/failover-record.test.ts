import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { EventView } from '#api/events/event-view.ts';
import type { FailoverView } from '#api/events/failover.ts';
import type { ServiceView } from '#api/views/service.ts';
import { Capture } from '#support/daemons/capture.ts';
import { Fingerpost } from '#support/daemons/fingerpost.ts';
import { describeInterop } from '#support/requirements.ts';
import { waitFor } from '#support/wait.ts';
import { withLab } from './lab-test.ts';
import { type Lab, startWebServers } from './lab.ts';
import { ipv6Plan } from './plan.ts';

const third = ipv6Plan.services[2];
const routerNames = ['ER2', 'ER3'];
/**
 * How far the two clocks may be apart: `at` is cut to whole ms by the wall clock and again when it is reported, other
 * times are from the monotonic clock, and the capture has the µs of the kernel.
 */
const roundingMs = 5;

const config = (folder: string): string => `
router_id: 1.1.1.9
local_as: 65002
listen: ["[${ipv6Plan.routeServer}]:179"]
http: { listen: 127.0.0.1:9179 }
control: { socket: ${join(folder, 'control.sock')} }
state_dir: ${join(folder, 'state')}
start_gate: { max_delay: 20s, eor_grace: 15s }
services: [{ name: web, prefix: "${ipv6Plan.servicePattern}" }]
peer_groups:
  nodes: { peer_as: 65001, families: [ipv6_unicast], import: all, multihop: 10, hold_time: 6, passive: true }
  routers: { peer_as: 65003, families: [ipv6_unicast], export: all, connect_retry: 1s, idle_hold: 1s }
peers:
${ipv6Plan.nodes.map(({ name, address }) => `  - { name: ${name}, address: "${address}", group: nodes, node: ${name.toLowerCase()} }`).join('\n')}
  - { name: ER2, address: "${ipv6Plan.router(2)}", group: routers }
  - { name: ER3, address: "${ipv6Plan.router(3)}", group: routers }
`;

async function setStage(lab: Lab) {
  const { routeServerHost, plan } = lab;
  const routers = [lab.birdRouter('ER2', 2), lab.birdRouter('ER3', 3)];
  const captures = routers.map(({ host }) => new Capture(host, plan.routeServer));
  await Promise.all(captures.map((capture) => capture.begun()));
  const fingerpost = new Fingerpost(routeServerHost, config(routeServerHost.folder));
  const url = 'http://localhost/api/v1/stream';
  await fingerpost.get('/api/v1/status');
  const stream = routeServerHost.start('stream', [
    'curl',
    '-sN',
    '--unix-socket',
    fingerpost.socket,
    url,
  ]);
  const monitor = fingerpost.follow('monitor', 'services');
  // Neither shows what happened before it was connected.
  await waitFor(
    'both readers of the event stream',
    () =>
      routeServerHost.run([
        'curl',
        '-s',
        '--unix-socket',
        fingerpost.socket,
        'http://localhost/metrics',
      ]),
    (page) => page.includes('\nfingerpost_sse_clients 2\n'),
  );
  const webServers = startWebServers(lab);
  const exabgps = lab.nodes.map((node) => lab.exabgp(node));
  return { lab, routers, fingerpost, captures, webServers, exabgps, stream, monitor };
}

describeInterop(
  'what is recorded of a node that fails',
  ['bird', 'exabgp', 'exabgp-healthcheck', 'nginx', 'curl', 'tcpdump'],
  () => {
    const stage = withLab(ipv6Plan, setStage);

    const bestOfThird = async (): Promise<string | undefined> => {
      const view = await stage().fingerpost.get<ServiceView>('/api/v1/services/web');
      return view.addresses.find(({ prefix }) => prefix === third)?.best;
    };
    const servedBy = (node: string): Promise<unknown> =>
      waitFor(`${third} to be served by ${node}`, bestOfThird, (best) => best === node);

    /** Moves that earlier tests have seen: a move is recorded a moment after it happens. */
    const known = new Set<string>();

    /** The last move of the address, once it is recorded. */
    const lastMove = async (from: string, to: string): Promise<FailoverView> => {
      const url = `/api/v1/failovers?limit=1&prefix=${encodeURIComponent(third)}`;
      const { items } = await waitFor(
        `${third} moved from ${from} to ${to}`,
        () => stage().fingerpost.get<{ items: FailoverView[] }>(url),
        ({ items: [last] }) => last?.from === from && last.to === to && !known.has(last.id),
      );
      known.add(items[0].id);
      return items[0];
    };

    /**
     * Compares the record with what passed at the routers: no packet before the decision, at the first router by the
     * time of the first writing and at the last by that of the last, within what the clocks may be apart. Those times
     * are taken when the system call has returned: a busy machine may put that off, but no packet can be later. The first
     * writing is not known if a busy machine divided the decision into several slices.
     */
    const compare = async (what: string, failover: FailoverView): Promise<void> => {
      const nextHop = ipv6Plan.nodes.find(({ name }) => name === failover.to)?.address ?? '';
      const detectedMs = Date.parse(failover.at);
      const seen = await waitFor(
        'the packets',
        () =>
          stage().captures.map((capture) =>
            capture.announced(third, nextHop).find((atMs) => atMs >= detectedMs),
          ),
        (times) => times.every((atMs) => atMs !== undefined),
      );
      const after = seen.flatMap((atMs) => (atMs === undefined ? [] : atMs - detectedMs));
      const { decided_ms: decided, routers } = failover;
      const { last_written_ms: last = NaN, first_written_ms: first = last } = failover;
      const { received_ms: received = NaN } = failover;
      console.info(
        `${what}: decided +${decided.toFixed(2)} ms, captured +${after.map((ms) => ms.toFixed(2)).join(' ms +')} ms, ` +
          `recorded as written +${first.toFixed(2)} to +${last.toFixed(2)} ms, received +${received.toFixed(2)} ms: ` +
          `apart ${(first - Math.min(...after)).toFixed(2)} and ${(last - Math.max(...after)).toFixed(2)} ms`,
      );
      expect(Math.min(...after)).toBeGreaterThanOrEqual(decided - roundingMs);
      expect(Math.min(...after)).toBeLessThanOrEqual(first + roundingMs);
      expect(Math.max(...after)).toBeLessThanOrEqual(last + roundingMs);
      expect(first).toBeLessThanOrEqual(last);
      expect(last).toBeLessThanOrEqual(received);
      expect(routers).toEqual({ written: routerNames.length, received: 2, waiting: [] });
    };

    it('reports only the state of the service at first', async () => {
      await servedBy('w1');
      const { items } = await stage().fingerpost.get<{ items: FailoverView[] }>(
        '/api/v1/failovers',
      );
      expect(items).toEqual([]);
    });

    it('a health check that fails is a MED that changed, from the node itself', async () => {
      await stage().webServers[0].stop();
      const failover = await lastMove('W1', 'W3');
      expect(failover.cause).toMatchObject({ kind: 'med_changed', peer: 'W1', from: 100 });
      expect(failover.cause.to).toBeGreaterThanOrEqual(1000);
      expect(failover.silent_ms).toBeUndefined();
      await compare('nginx stopped', failover);
    });

    it('a move before the start gate opens is no failover, because no router was sent the former path', async () => {
      const { items } = await stage().fingerpost.get<{ items: FailoverView[] }>(
        '/api/v1/failovers',
      );
      expect(items.map(({ prefix, cause }) => [prefix, cause.kind])).toEqual([
        [third, 'med_changed'],
      ]);
    });

    it('a service without a backup is logged, recorded, streamed and shown by monitor', async () => {
      await stage().webServers[1].stop();
      const text = 'service web: no_backup: 2001:db8:30::3 is served by w3 alone';
      const { fingerpost, stream, monitor } = stage();
      const lines = await waitFor(
        'the line',
        () => fingerpost.events().filter(({ msg }) => msg === text),
        ({ length }) => length > 0,
      );
      expect(lines).toMatchObject([{ event: 'service_state', level: 'warn' }]);
      const { items } = await fingerpost.get<{ items: EventView[] }>(
        `/api/v1/events?kind=service_state&prefix=${encodeURIComponent(third)}&limit=1`,
      );
      expect(items).toMatchObject([
        { service: 'web', old_state: 'ok', new_state: 'no_backup', text },
      ]);
      expect(items[0].cause).toMatchObject({ kind: 'med_changed', peer: 'W2' });
      await waitFor(
        'the event in the stream',
        () => stream.log,
        (log) => new RegExp(`event: service\\n(?:id: .*\\n)?data: .*${text}`).test(log),
      );
      await waitFor(
        'the line of monitor',
        () => monitor.log,
        (log) => log.includes(text),
      );
    });

    it('is reported when it has backups again', async () => {
      const { webServers, fingerpost } = stage();
      webServers[0].start();
      webServers[1].start();
      await servedBy('w1');
      const lines = await waitFor(
        'the recovery',
        () =>
          fingerpost
            .events()
            .filter(({ msg = '' }) => msg.startsWith('service web: ok: 2001:db8:30::3 is served')),
        ({ length }) => length > 0,
      );
      expect(lines[0]).toMatchObject({ level: 'info' });
    });

    it('an ExaBGP that is killed is a connection that its kernel closed', async () => {
      await stage().exabgps[0].daemon.kill();
      const failover = await lastMove('W1', 'W3');
      expect(failover.cause.peer).toBe('W1');
      expect(['tcp_fin', 'tcp_reset']).toContain(failover.cause.kind);
      await compare('ExaBGP killed', failover);
      stage().exabgps[0].start();
      await servedBy('w1');
    });

    it('an ExaBGP that is frozen is a hold timer, and a kernel that answers', async () => {
      stage().exabgps[0].daemon.signal('SIGSTOP');
      const failover = await lastMove('W1', 'W3');
      expect(failover.cause).toMatchObject({ kind: 'hold_timer', peer: 'W1' });
      const { silent_ms: silent = 0, kernel_heard_ms: heard = Infinity } = failover;
      expect(silent).toBeGreaterThan(6000 - roundingMs);
      expect(heard).toBeLessThan(silent);
      await compare('ExaBGP frozen', failover);
      stage().exabgps[0].daemon.signal('SIGCONT');
      await servedBy('w1');
    });

    it('a cable that is pulled is a hold timer, and a kernel that is silent too', async () => {
      const { lab, exabgps } = stage();
      lab.nodes[0].cable.pull();
      const failover = await lastMove('W1', 'W3');
      expect(failover.cause).toMatchObject({ kind: 'hold_timer', peer: 'W1' });
      const { silent_ms: silent = 0, kernel_heard_ms: heard = 0 } = failover;
      expect(silent).toBeGreaterThan(6000 - roundingMs);
      expect(heard).toBeGreaterThan(silent / 2);
      await compare('cable pulled', failover);
      lab.nodes[0].cable.plug();
      // ExaBGP waits longer after each refusal, but a new process connects at once.
      await exabgps[0].daemon.kill();
      exabgps[0].start();
      await servedBy('w1');
    });

    it('a router that has stopped reading still counts as having received it, because its kernel has acknowledged it', async () => {
      const { routers, webServers } = stage();
      routers[1].daemon.signal('SIGSTOP');
      await webServers[0].stop();
      const failover = await lastMove('W1', 'W3');
      expect(failover.cause).toMatchObject({ kind: 'med_changed', peer: 'W1' });
      await compare('router that stopped reading', failover);
      routers[1].daemon.signal('SIGCONT');
      webServers[0].start();
      await servedBy('w1');
    });

    it('a policy that a reload brings is named with the reload', async () => {
      const { fingerpost } = stage();
      const text = readFileSync(fingerpost.configFile, 'utf8');
      writeFileSync(fingerpost.configFile, text.replace('name: W1,', 'name: W1, import: none,'));
      await fingerpost.cli('reload');
      const failover = await lastMove('W1', 'W3');
      expect(failover.cause).toMatchObject({ kind: 'policy', peer: 'W1' });
      await compare('policy reload', failover);
      writeFileSync(fingerpost.configFile, text);
      await fingerpost.cli('reload');
      await servedBy('w1');
    });

    it('a node that takes itself out of service does so by its MED', async () => {
      const { exabgps } = stage();
      exabgps[0].disable();
      const failover = await lastMove('W1', 'W3');
      expect(failover.cause).toMatchObject({ kind: 'med_changed', peer: 'W1', from: 100, to: 500 });
      await compare('drain by MED', failover);
      exabgps[0].enable();
      await servedBy('w1');
    });

    it('is all in the command for a post-mortem', async () => {
      const text = await stage().fingerpost.cli('show', 'failovers', '--since', '1h');
      for (const cause of ['MED changed from 100 to 100', 'Hold Timer Expired', 'process frozen']) {
        expect(text).toContain(cause);
      }
    });
  },
);
