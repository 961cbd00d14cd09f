import type { Case } from './case.ts';
import { addPathCases } from './cases/add-path.ts';
import { callCases } from './cases/calls.ts';
import { capabilityCases } from './cases/capabilities.ts';
import { collisionCases } from './cases/collision.ts';
import { decisionCaseList } from './cases/decision.ts';
import { endOfRibCases } from './cases/end-of-rib.ts';
import { extendedMessageCases } from './cases/extended-message.ts';
import { fsmCases } from './cases/fsm.ts';
import { gracefulRestartCases } from './cases/graceful-restart.ts';
import { headerCases } from './cases/header.ts';
import { limitCases } from './cases/limits.ts';
import { multiprotocolCases } from './cases/multiprotocol.ts';
import { nlriCases } from './cases/nlri.ts';
import { openCases } from './cases/open.ts';
import { openParameterCases } from './cases/open-parameters.ts';
import { optionalCases } from './cases/optional.ts';
import { roleCases } from './cases/roles.ts';
import { routeRefreshCases } from './cases/route-refresh.ts';
import { timerCases } from './cases/timers.ts';
import { transparencyCases } from './cases/transparency.ts';
import { twoOctetCases } from './cases/two-octet.ts';
import { updateStructureCases } from './cases/update-structure.ts';
import { wellKnownCases } from './cases/well-known.ts';
import { withdrawalCases } from './cases/withdrawals.ts';

/** All cases. Those that last some seconds come first: the others are played beside them. */
export const suite: readonly Case[] = [
  ...timerCases,
  ...gracefulRestartCases,
  ...callCases,
  ...headerCases,
  ...openCases,
  ...openParameterCases,
  ...capabilityCases,
  ...roleCases,
  ...fsmCases,
  ...collisionCases,
  ...updateStructureCases,
  ...nlriCases,
  ...wellKnownCases,
  ...optionalCases,
  ...multiprotocolCases,
  ...withdrawalCases,
  ...endOfRibCases,
  ...transparencyCases,
  ...decisionCaseList,
  ...twoOctetCases,
  ...extendedMessageCases,
  ...addPathCases,
  ...routeRefreshCases,
  ...limitCases,
];
