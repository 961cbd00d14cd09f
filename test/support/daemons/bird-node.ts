import type { Host } from '../netns.ts';
import { Bird } from './bird.ts';
import type { RouterConfig } from './router.ts';

/** Starts BIRD as a node that announces routes and can restart gracefully; `prefixes` are its own. */
export function birdNode(
  host: Host,
  config: RouterConfig,
  prefixes: readonly string[],
  { hasRestarted = false } = {},
): Bird {
  const flags = hasRestarted ? ['-R'] : [];
  return new Bird(host, birdNodeConfig(config, prefixes), { label: config.name, flags });
}

/** After a restart it waits at most 3 s for all its protocols to be back. */
function birdNodeConfig(config: RouterConfig, prefixes: readonly string[]): string {
  const { plan, neighbor } = config;
  const routes = prefixes.map((prefix) => `route ${prefix} unreachable;`);
  return `
log stderr all;
router id ${config.routerId};
graceful restart wait 3;
protocol device { }
protocol static own { ${plan.family}; ${routes.join(' ')} }
protocol bgp ${neighbor.name} {
  debug { states, events };
  local ${config.address} as ${config.as};
  neighbor ${neighbor.address} as ${neighbor.as};
  multihop 10;
  connect delay time 1; connect retry time 1; error wait time 1, 2;
  graceful restart on; graceful restart time 60;
  long lived graceful restart on; long lived stale time 60;
  ${plan.family} { import none; export where proto = "own"; next hop self; };
}
`;
}
