import { expect, it } from 'vitest';
import { ServiceViews } from '#daemon/views/service-views.ts';

type Parts = ConstructorParameters<typeof ServiceViews>;

it('the peers are searched once for all the addresses of a service', () => {
  let looks = 0;
  const peers = {
    *[Symbol.iterator]() {
      looks++;
      const session = { disabledFamilies: [{ family: 1, text: 'malformed' }] };
      yield { name: 'W1', config: { node: 'w1', import: 'all' }, session };
    },
  };
  const rows = Array.from({ length: 100 }, (_, at) => ({ text: `${at}`, prefix: { family: 1 } }));
  const audit = { state: 'absent', findings: [], paths: [] };
  const [views, service] = [
    new ServiceViews(...([peers, { of: () => rows }, { of: () => audit }] as unknown as Parts)),
    { name: 'web', minHealthy: 1, prefixes: [] } as unknown as Parameters<
      ServiceViews['service']
    >[0],
  ];
  const { addresses } = views.service(service);
  expect(addresses.length).toBe(100);
  expect(addresses.at(-1)?.findings).toEqual([
    'ipv6_unicast of w1 is disabled: malformed; reset W1',
  ]);
  expect(looks).toBe(1);
});
