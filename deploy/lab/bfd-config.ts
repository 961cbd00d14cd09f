import { type NodePlan, routeServers } from './plan.ts';

/** The lab's BFD, on every machine of it: 100 ms × 3, single hop or several. */
export const bfdMs = 100;
const multiplier = 3;

const birdTimers = `min rx interval ${bfdMs} ms; min tx interval ${bfdMs} ms; multiplier ${multiplier};`;

/** For a BIRD whose BGP sessions ask for BFD by `bfd on`. */
export const birdBfd = `protocol bfd { interface "*" { ${birdTimers} }; multihop { ${birdTimers} }; }`;

/** The BIRD of a node: it runs only BFD with each route server, beside ExaBGP, which has none. */
export function nodeBirdConfig({ number, address }: NodePlan): string {
  const neighbors = routeServers.map(
    (each) => `  neighbor ${each.address} local ${address} multihop on;`,
  );
  return `log stderr all;
router id 1.1.1.${number};
protocol device { scan time 1; }
protocol bfd {
  multihop { ${birdTimers} };
${neighbors.join('\n')}
}
`;
}

/** Of FRR's bfdd. */
export const frrBfdProfile = 'LAB';
export const bfddConfig = `log stdout
bfd
 profile ${frrBfdProfile}
  detect-multiplier ${multiplier}
  receive-interval ${bfdMs}
  transmit-interval ${bfdMs}
 exit
exit
`;

/** Of fingerpost's peers. */
export const fingerpostBfd = { min_tx: `${bfdMs}ms`, min_rx: `${bfdMs}ms`, multiplier };
