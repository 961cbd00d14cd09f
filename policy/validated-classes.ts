import type { Prefix } from '#wire/nlri.ts';
import type { RouteValidator } from './validation.ts';

/** More than any number of classes that validated data has, so that a pair of classes is one number. */
const pairStep = 2 ** 32;

/**
 * Classes of prefixes for rules that match by the validity of the origin. Each is a pair of the class by the rules' own
 * prefixes and the class by the data. They are numbered as they are first seen, so that the numbers stay small.
 */
export class ValidatedClasses {
  private readonly validator: RouteValidator;
  private readonly ids = new Map<number, number>();
  /** Indexed by class. */
  private ruleClasses: number[] = [];
  private originClasses: number[] = [];
  private renumberings: number;

  constructor(validator: RouteValidator) {
    this.validator = validator;
    this.renumberings = validator.renumberings;
  }

  /** Hot: called once per prefix. */
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
