import { Series } from '../figures.ts';
import { SoakNetwork } from '../network.ts';
import { announce, withdraw } from '../routes.ts';
import { scaled, type Scenario, secondsOf } from '../scenario.ts';

const sets = 1_000_000;
const prefixes = 100;
const setsAtOnce = 1000;

/** A hundred routes that never have the same attributes twice. */
export const attributeSets: Scenario = {
  name: 'attribute-sets',
  claim: 'endless new attributes for the same routes keep memory level',
  quickSize: 0.2,
  async run(size, figures) {
    const network = await SoakNetwork.start({ nodes: 1, routers: 0 });
    try {
      const total = scaled(sets, size);
      const node = await network.node(0);
      const memory = new Series();
      const seconds = await secondsOf(async () => {
        for (let mark = 0; mark < total; mark += setsAtOnce) {
          const updates = Array.from({ length: setsAtOnce }, (_, at) =>
            announce((mark + at) % prefixes, 1, { med: at, mark: mark + at }),
          );
          await node.send(...updates);
          memory.add(network.server.rssMib);
        }
      });
      figures.note('attribute sets', total);
      figures.note('a second', total / seconds);
      figures.note('resident', memory.last, 'MiB');
      figures.note('slope', memory.slope * 1024, 'KiB in 1000 sets');
      figures.note('late to early', memory.lateToEarly);
      figures.demand('memory stays level', memory.isLevel(0.15));
      await node.send(withdraw(0, prefixes));
      await network.judgeFailovers(figures);
      figures.demand('nobody else is disturbed', await network.isUndisturbed());
    } finally {
      await network.close();
    }
  },
};
