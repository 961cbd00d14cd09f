import { bfdComponents } from '#api/bfd.ts';
import { bmpComponents } from '#api/bmp.ts';
import { byComponents } from '#api/by.ts';
import { changeComponents } from '#api/changes.ts';
import { coherenceComponents } from '#api/coherence.ts';
import { configHistoryComponents } from '#api/config-history.ts';
import { doctorComponents } from '#api/doctor.ts';
import { drainComponents } from '#api/drain.ts';
import { eventComponents } from '#api/event-view.ts';
import { explainComponents } from '#api/explain.ts';
import { pathComponents } from '#api/path.ts';
import { peerComponents } from '#api/peer.ts';
import { problemComponents } from '#api/problem.ts';
import { rpkiComponents } from '#api/rpki.ts';
import { serviceComponents } from '#api/service.ts';
import type { Component } from '#api/shapes.ts';
import { statusComponents } from '#api/status.ts';
import { troubleComponents } from '#api/trouble.ts';

/** Every shape with a name of its own in the OpenAPI document. */
export const components: readonly Component[] = [
  ...pathComponents,
  ...peerComponents,
  ...statusComponents,
  ...eventComponents,
  ...explainComponents,
  ...serviceComponents,
  ...bfdComponents,
  ...rpkiComponents,
  ...bmpComponents,
  ...changeComponents,
  ...byComponents,
  ...coherenceComponents,
  ...configHistoryComponents,
  ...doctorComponents,
  ...drainComponents,
  ...troubleComponents,
  ...problemComponents,
];
