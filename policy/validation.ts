import type { Prefix } from '#wire/nlri.ts';
import type { AsPathSegment } from '#wire/path-attributes.ts';
import type { Role } from './otc.ts';

/** The validation states of an origin (RFC 6811 §2). */
export const originStates = ['valid', 'invalid', 'not_found'] as const;
export type OriginState = (typeof originStates)[number];
/** The verification states of an AS_PATH (draft-ietf-sidrops-aspa-verification-28 §5). */
export const pathStates = ['valid', 'invalid', 'unknown'] as const;
export type PathState = (typeof pathStates)[number];

/** Validates routes; its answers change when the validated data does. */
export interface RouteValidator {
  /**
   * Increases whenever the classes are renumbered; everything that was remembered by class has to be forgotten then.
   */
  readonly renumberings: number;
  /**
   * Returns a small integer: prefixes of one class have the same valid origins. 0 means that nothing covers the prefix.
   * Hot: called once per prefix.
   */
  originClass(prefix: Prefix): number;
  /** `originAs` is `undefined` for a route whose AS_PATH is empty or ends in an AS_SET. */
  originState(originClass: number, originAs: number | undefined): OriginState;
  /** `role` is our role toward the peer that sent the route; without it the state is `unknown`. */
  pathState(asPath: readonly AsPathSegment[], role: Role | undefined): PathState;
}

/** The routes that a change of validated data may affect. */
export interface ValidationChange {
  readonly changesOrigins: boolean;
  readonly changesPaths: boolean;
  touchesPrefix(prefix: Prefix): boolean;
  touchesPath(asPath: readonly AsPathSegment[]): boolean;
}
