import { byComponents } from '#api/by.ts';
import { eventComponents } from '#api/events/event-view.ts';
import { problemComponents } from '#api/problem.ts';
import type { Component } from '#api/shapes.ts';
import { bfdComponents } from '#api/views/bfd.ts';
import { bmpComponents } from '#api/views/bmp.ts';
import { changeComponents } from '#api/views/changes.ts';
import { coherenceComponents } from '#api/views/coherence.ts';
import { configHistoryComponents } from '#api/views/config-history.ts';
import { doctorComponents } from '#api/views/doctor.ts';
import { drainComponents } from '#api/views/drain.ts';
import { explainComponents } from '#api/views/explain.ts';
import { pathComponents } from '#api/views/path.ts';
import { peerComponents } from '#api/views/peer.ts';
import { rpkiComponents } from '#api/views/rpki.ts';
import { serviceComponents } from '#api/views/service.ts';
import { statusComponents } from '#api/views/status.ts';
import { troubleComponents } from '#api/views/trouble.ts';

/** Every shape that has a name of its own in the OpenAPI document. */
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
