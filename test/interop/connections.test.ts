import { expect } from 'vitest';
import type { RouteServer } from '#support/daemons/route-server.ts';
import type { Host } from '#support/netns.ts';
import {
  fourOctetAsCapability,
  ipv6UnicastCapability,
  MessageType,
  open,
  type OpenFields,
} from '#support/raw-message.ts';
import { RawSpeaker } from '#support/raw-speaker.ts';
import { describeInterop, itFingerpost } from '#support/requirements.ts';
import { holdsFor, waitFor } from '#support/wait.ts';
import { withLab } from './lab-test.ts';
import { type Lab, nodeAs, routerPeer } from './lab.ts';
import { ipv6Plan } from './plan.ts';

const known = ipv6Plan.router(40);
const unknown = ipv6Plan.router(41);
/** Higher than ours, as every node's is. */
const openFields: OpenFields = {
  as: nodeAs,
  holdTimeSec: 90,
  routerId: '1.1.1.40',
  capabilities: [ipv6UnicastCapability, fourOctetAsCapability(nodeAs)],
};

interface Stage {
  readonly routeServer: RouteServer;
  readonly call: (from: string) => RawSpeaker;
}

async function setStage(lab: Lab): Promise<Stage> {
  const { plan } = lab;
  const peer = routerPeer('NODE', known, { role: 'node', as: nodeAs, idleHoldSec: 120 });
  const routeServer = lab.routeServer({ plan, peers: [peer] });
  const hosts: Record<string, Host> = {
    [known]: lab.backboneHost('NODE', known),
    [unknown]: lab.backboneHost('STRANGER', unknown),
  };
  await waitFor(
    'the route server to answer',
    () => routeServer.established(),
    () => true,
  );
  const call = (from: string): RawSpeaker =>
    RawSpeaker.inside(hosts[from], { from, to: plan.routeServer });
  return { routeServer, call };
}

describeInterop('a connection', [], () => {
  const stage = withLab(ipv6Plan, setStage);

  itFingerpost('from an unknown address is closed without a word', async () => {
    const speaker = stage().call(unknown);
    await speaker.waitForClose();
    expect(speaker.received).toEqual([]);
  });

  itFingerpost('beside an established one gets 6/7, and never disturbs the first', async () => {
    const { routeServer, call } = stage();
    const first = call(known);
    await first.establish(openFields);
    const keepalives = first.of(MessageType.keepalive).length;

    const stray = call(known);
    stray.send(open(openFields));
    const refusal = await stray.next(MessageType.notification);
    expect([...refusal.body.subarray(0, 2)]).toEqual([6, 7]);
    await stray.waitForClose();
    // Sent at once, so that a peer that has rebooted answers with RST. The next KEEPALIVE is due after 22 s.
    await waitFor(
      'a KEEPALIVE on the first',
      () => first.of(MessageType.keepalive).length,
      (count) => count > keepalives,
      { seconds: 20 },
    );
    await holdsFor(
      'the session up',
      1,
      () => routeServer.established(),
      (names) => names.includes('NODE'),
    );
    expect(first.of(MessageType.notification)).toEqual([]);
    first.close();
  });

  itFingerpost('is taken at once after the last one ended by FIN', async () => {
    const { routeServer, call } = stage();
    await waitFor(
      'the session to end',
      () => routeServer.established(),
      (names) => names.length === 0,
    );
    const again = call(known);
    await again.establish(openFields);
    again.close();
  });

  itFingerpost('with an OPEN of the wrong AS gets 2/2, and the next call 6/5', async () => {
    const { call } = stage();
    const wrong = call(known);
    wrong.send(
      open({
        ...openFields,
        as: 65099,
        capabilities: [ipv6UnicastCapability, fourOctetAsCapability(65099)],
      }),
    );
    const refusal = await wrong.next(MessageType.notification);
    expect([...refusal.body.subarray(0, 2)]).toEqual([2, 2]);
    await wrong.waitForClose();
    const next = call(known);
    next.send(open(openFields));
    const rejected = await next.next(MessageType.notification);
    expect([...rejected.body.subarray(0, 2)]).toEqual([6, 5]);
  });
});
