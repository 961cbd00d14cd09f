import type { Prefix } from '#wire/nlri.ts';
import type { RouteValidator } from './policy.ts';

/** Above any number of classes that validated data has, so that a pair of classes is one number. */
const pairStep = 2 ** 32;

/**
 * Classes of prefixes for rules that ask for the validity of the origin: pairs of the class by the rules' own
 * prefixes and that by the data. Numbered as they are met, so that they stay small.
 */
export class ValidatedClasses {
  private readonly validator: RouteValidator;
  private readonly ids = new Map<number, number>();
  /** By class. */
  private ruleClasses: number[] = [];
  private originClasses: number[] = [];
  private renumberings: number;

  constructor(validator: RouteValidator) {
    this.validator = validator;
    this.renumberings = validator.renumberings;
  }

  /** Hot: once a prefix. */
  classOf(ruleClass: number, prefix: Prefix): number {
    if (this.renumberings !== this.validator.renumberings) this.forget();
    const originClass = this.validator.originClass(prefix);
    const pair = ruleClass * pairStep + originClass;
    const known = this.ids.get(pair);
    if (known !== undefined) return known;
    const id = this.ruleClasses.length;
    this.ids.set(pair, id);
    this.ruleClasses.push(ruleClass);
    this.originClasses.push(originClass);
    return id;
  }

  ruleClassOf(prefixClass: number): number {
    return this.ruleClasses[prefixClass];
  }

  originClassOf(prefixClass: number): number {
    return this.originClasses[prefixClass];
  }

  private forget(): void {
    this.renumberings = this.validator.renumberings;
    this.ids.clear();
    this.ruleClasses = [];
    this.originClasses = [];
  }
}
