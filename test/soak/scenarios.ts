import type { Scenario } from './scenario.ts';
import { attributeBytes } from './scenarios/attribute-bytes.ts';
import { attributeSets } from './scenarios/attribute-sets.ts';
import { awaitedPrefixes } from './scenarios/awaited-prefixes.ts';
import { connections } from './scenarios/connections.ts';
import { equalHashes } from './scenarios/equal-hashes.ts';
import { flaps } from './scenarios/flaps.ts';
import { httpClients } from './scenarios/http-clients.ts';
import { largeFlap } from './scenarios/large-flap.ts';
import { load } from './scenarios/load.ts';
import { maxPathsReached } from './scenarios/max-paths.ts';
import { manyPathIds } from './scenarios/path-ids.ts';
import { rangeCallers } from './scenarios/range-callers.ts';
import { refreshFlood } from './scenarios/refresh-flood.ts';
import { stalled } from './scenarios/stalled-routers.ts';

export const scenarios: readonly Scenario[] = [
  flaps,
  stalled,
  load,
  connections,
  attributeSets,
  maxPathsReached,
  awaitedPrefixes,
  refreshFlood,
  largeFlap,
  httpClients,
  equalHashes,
  manyPathIds,
  ...attributeBytes,
  rangeCallers,
];
