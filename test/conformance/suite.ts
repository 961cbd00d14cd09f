import type { Case } from './case.ts';
import { addPathCases } from './cases/add-path.ts';
import { asPathCases } from './cases/as-path.ts';
import { attributeDiscardCases } from './cases/attribute-discard.ts';
import { attributeFlagsCases } from './cases/attribute-flags.ts';
import { callCases } from './cases/calls.ts';
import { capabilityCases } from './cases/capabilities.ts';
import { collisionCases } from './cases/collision.ts';
import { decisionCases } from './cases/decision.ts';
import { endOfRibCases } from './cases/end-of-rib.ts';
import { extendedMessageCases } from './cases/extended-message.ts';
import { fsmCases } from './cases/fsm.ts';
import { gracefulRestartCases } from './cases/graceful-restart.ts';
import { headerCases } from './cases/header.ts';
import { limitCases } from './cases/limits.ts';
import { multiprotocolCases } from './cases/multiprotocol.ts';
import { nextHopCases } from './cases/next-hop.ts';
import { nlriCases } from './cases/nlri.ts';
import { openParameterCases } from './cases/open-parameters.ts';
import { openCases } from './cases/open.ts';
import { optionalCases } from './cases/optional.ts';
import { originCases } from './cases/origin.ts';
import { roleCases } from './cases/roles.ts';
import { routeRefreshCases } from './cases/route-refresh.ts';
import { timerCases } from './cases/timers.ts';
import { transparencyCases } from './cases/transparency.ts';
import { twoOctetCases } from './cases/two-octet.ts';
import { unknownAttributeCases } from './cases/unknown-attributes.ts';
import { updateStructureCases } from './cases/update-structure.ts';
import { valueCases } from './cases/values.ts';
import { withdrawalCases } from './cases/withdrawals.ts';

/** All cases. Those that take some seconds come first, and the others are played beside them. */
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
  ...originCases,
  ...asPathCases,
  ...nextHopCases,
  ...optionalCases,
  ...attributeFlagsCases,
  ...attributeDiscardCases,
  ...valueCases,
  ...unknownAttributeCases,
  ...multiprotocolCases,
  ...withdrawalCases,
  ...endOfRibCases,
  ...transparencyCases,
  ...decisionCases,
  ...twoOctetCases,
  ...extendedMessageCases,
  ...addPathCases,
  ...routeRefreshCases,
  ...limitCases,
];
