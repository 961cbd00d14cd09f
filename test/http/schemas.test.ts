import { expectTypeOf, test } from 'vitest';
import type {
  CandidateSchema,
  ConfigProblemSchema,
  ExplainSchema,
  PathPageSchema,
  PathSchema,
  PeerPageSchema,
  PeerSchema,
  ReadySchema,
  Static,
  StatusSchema,
} from '#http/schemas.ts';
import type { PlanSchema, SimulationSchema } from '#http/schemas-changes.ts';
import type { ServiceSchema } from '#http/schemas-services.ts';
import type {
  CandidateView,
  ConfigProblem,
  ExplainView,
  Page,
  PathView,
  PeerView,
  PlanView,
  ReadyView,
  ServiceView,
  StatusView,
} from '#api/api.ts';
import type { SimulationView } from '#api/changes.ts';

test('each schema is the type that watch.ts promises, no field more or less', () => {
  expectTypeOf<Static<typeof PathSchema>>().branded.toEqualTypeOf<PathView>();
  expectTypeOf<Static<typeof PeerSchema>>().branded.toEqualTypeOf<PeerView>();
  expectTypeOf<Static<typeof StatusSchema>>().branded.toEqualTypeOf<StatusView>();
  expectTypeOf<Static<typeof ReadySchema>>().branded.toEqualTypeOf<ReadyView>();
  expectTypeOf<Static<typeof CandidateSchema>>().branded.toEqualTypeOf<CandidateView>();
  expectTypeOf<Static<typeof ExplainSchema>>().branded.toEqualTypeOf<ExplainView>();
  expectTypeOf<Static<typeof PathPageSchema>>().branded.toEqualTypeOf<Page<PathView>>();
  expectTypeOf<Static<typeof PeerPageSchema>>().branded.toEqualTypeOf<Page<PeerView>>();
  expectTypeOf<Static<typeof ServiceSchema>>().branded.toEqualTypeOf<ServiceView>();
  expectTypeOf<Static<typeof PlanSchema>>().branded.toEqualTypeOf<PlanView>();
  expectTypeOf<Static<typeof SimulationSchema>>().branded.toEqualTypeOf<SimulationView>();
  expectTypeOf<Static<typeof ConfigProblemSchema>>().branded.toEqualTypeOf<ConfigProblem>();
});
