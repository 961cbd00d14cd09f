import type { Config } from '#config/config.ts';
import type { Scope } from '#yaml/scope.ts';
import { CaseScope } from './case-scope.ts';
import type { Case, Stage } from './cases.ts';
import { ExpectationResolver } from './resolve-expectation.ts';
import { StepResolver } from './resolve-step.ts';
import type { CaseSource, StageSource } from './schema.ts';

/**
 * Makes cases of what was read. Every error is added to the problems of the scope, and a case with an error is
 * left out.
 */
export class CaseResolver {
  private readonly scope: CaseScope;
  private readonly steps: StepResolver;
  private readonly expectations: ExpectationResolver;

  constructor(scope: Scope, config: Config) {
    this.scope = new CaseScope(scope, config);
    this.steps = new StepResolver(this.scope);
    this.expectations = new ExpectationResolver(this.scope);
  }

  resolve(source: CaseSource): Case {
    const { scope } = this;
    return {
      name: source.name,
      place: scope.placed(scope.places.ofContainer(source)),
      stages: [this.stage(source), ...(source.then ?? []).map((later) => this.stage(later))],
    };
  }

  private stage({ given = [], expect = [] }: StageSource): Stage {
    return {
      steps: given.flatMap((step) => this.steps.resolve(step) ?? []),
      expectations: expect.flatMap((expectation) => this.expectations.resolve(expectation) ?? []),
    };
  }
}
