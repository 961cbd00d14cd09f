import { SoakNetwork } from '../network.ts';
import { announce } from '../routes.ts';
import { scaled, type Scenario, secondsOf } from '../scenario.ts';

const pathIds = 100_000;
const idsInOne = 400;
const rounds = 3;
const prefix = 5;
/** As many as can be allowed; the others are kept as refused. */
const mostAccepted = 65_535;
/** RFC 7911 §4: IPv4 unicast, sends. */
const sendsPaths = [69, [0, 1, 1, 2]] as const;

/** A peer with ADD-PATH announces any number of paths of one prefix, and leaves. */
export const manyPathIds: Scenario = {
  name: 'path-ids',
  claim:
    '100,000 path identifiers of one prefix that go with their peer delay no failover of others',
  quickSize: 0.1,
  async run(size, figures) {
    const nodeKeys = `, add_path: receive, max_paths_per_prefix: ${mostAccepted}`;
    const network = await SoakNetwork.start({ nodes: 1, routers: 0, nodeKeys });
    try {
      const { server, witnessRouter } = network;
      const count = scaled(pathIds, size);
      for (let round = 0; round < rounds; round++) {
        const node = await network.node(0, { capabilities: [sendsPaths] });
        const seconds = await secondsOf(async () => {
          for (let at = 0; at < count; at += idsInOne) {
            await node.send(
              announce(prefix, Math.min(idsInOne, count - at), { med: round, pathId: 1 + at }),
            );
          }
          while ((await server.status()).rib.paths < Math.min(count, mostAccepted)) continue;
        });
        node.close(true);
        const gone = await secondsOf(() =>
          network.holds('the prefix gone', () => witnessRouter.table?.at(prefix) === 0),
        );
        figures.note(`${count} paths of one prefix received in`, seconds, 's');
        figures.note('all of them gone after', gone, 's');
      }
      await network.judgeFailovers(figures);
      figures.demand('nobody else is disturbed', await network.isUndisturbed());
    } finally {
      await network.close();
    }
  },
};
