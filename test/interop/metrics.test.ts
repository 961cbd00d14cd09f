import { execFileSync } from 'node:child_process';
import { expect } from 'vitest';
import { announce } from '#support/daemons/exabgp.ts';
import { Prometheus } from '#support/daemons/prometheus.ts';
import { describeInterop, itFingerpost } from '#support/requirements.ts';
import { waitFor } from '#support/wait.ts';
import { withLab } from './lab-test.ts';
import { type Lab, nodePeer, routerPeer, waitForNextHops } from './lab.ts';
import { ipv6Plan } from './plan.ts';

interface Stage {
  readonly prometheus: Prometheus;
}

async function setStage(lab: Lab): Promise<Stage> {
  const { plan } = lab;
  const peers = [nodePeer(plan.nodes[0]), routerPeer('ER2', plan.router(2))];
  lab.routeServer({ plan, peers });
  const router = lab.birdRouter('ER2', 2);
  const first = plan.services.map((prefix) => announce(plan.nodes[0], prefix));
  lab.exabgp(lab.nodes[0], { kind: 'commands', first });
  const prometheus = new Prometheus(lab.routeServerHost, '127.0.0.1:9179');
  const [a, b, c] = plan.services;
  const { address } = plan.nodes[0];
  await waitForNextHops(router, { [a]: address, [b]: address, [c]: address });
  return { prometheus };
}

const programs = ['bird', 'exabgp', 'prometheus', 'promtool', 'curl'] as const;

describeInterop('Prometheus', programs, () => {
  const stage = withLab(ipv6Plan, setStage);

  itFingerpost('finds nothing to object to in /metrics', async () => {
    const { host } = stage().prometheus;
    const page = await waitFor(
      '/metrics, which comes after BGP',
      () => host.run(['curl', '-sf', 'http://127.0.0.1:9179/metrics']),
      () => true,
    );
    expect(execFileSync('promtool', ['check', 'metrics'], { input: page, encoding: 'utf8' })).toBe(
      '',
    );
  });

  itFingerpost('scrapes it: the target is up', async () => {
    const { prometheus } = stage();
    await waitFor(
      'up == 1',
      () => prometheus.query('up'),
      (samples) => samples.length === 1 && samples[0].value === 1,
    );
  });

  itFingerpost('knows the sessions and the routes', async () => {
    const { prometheus } = stage();
    const expectValue = (expression: string, want: number): Promise<unknown> =>
      waitFor(
        `${expression} == ${want}`,
        () => prometheus.query(expression),
        (samples) => samples.length === 1 && samples[0].value === want,
      );
    await expectValue('sum(fingerpost_peer_up)', 2);
    await expectValue('fingerpost_peer_prefixes{peer="W1",table="accepted",afi="ipv6"}', 3);
    await expectValue('fingerpost_rib_prefixes{afi="ipv6"}', 3);
  });
});
