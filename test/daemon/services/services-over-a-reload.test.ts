import { expect, it } from 'vitest';
import { atOnce } from '#daemon/in-slices.ts';
import { nodeAttributes, update } from '#support/raw-message.ts';
import { Bench } from '../bench.ts';

it('a reload that does not change the services keeps their addresses', async () => {
  const yaml = `start_gate: 0
peers:
  - { name: W1, address: 127.0.1.1, peer_as: 65001, passive: true, import: all, accept_next_hop: any }
services: [{ name: web, prefix: ["198.51.100.0/24{32,32}"] }]
`;
  const bench = await Bench.start(yaml);
  try {
    const speaker = await bench.establish('127.0.1.1');
    const nlri = Buffer.from([32, 198, 51, 100, 1]);
    speaker.send(update(nodeAttributes([192, 0, 2, 1]), nlri, Buffer.alloc(0)));
    const shown = () => atOnce(bench.queries.services()).map(({ addresses }) => addresses.length);
    await bench.until('the address', () => shown()[0] === 1);
    const before = atOnce(bench.queries.services());
    await bench.reload(yaml.replace('name: W1,', 'name: W1, description: first,'));
    expect(atOnce(bench.queries.services())).toEqual(before);
    expect(bench.queries.service('web')).toEqual(before[0]);
  } finally {
    await bench.close();
  }
});
