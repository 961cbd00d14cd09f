import type { VrpView } from '#api/views/rpki.ts';
import { originAs } from '#policy/as-path.ts';
import type { Role } from '#policy/otc.ts';
import type { OriginState, PathState } from '#policy/validation.ts';
import type { RpkiData } from '#rpki/rpki-data.ts';
import type { Prefix } from '#wire/nlri.ts';
import type { AsPathSegment } from '#wire/path-attributes.ts';
import { vrpView } from './rpki-views.ts';

/** How many VRPs of one prefix are shown; more would help nobody. */
const mostVrps = 50;

/** What `explain` says about validation; nothing if it is not configured. */
export class ValidityViews {
  private readonly data: RpkiData;
  private readonly wanted: () => { readonly origins: boolean; readonly paths: boolean };

  constructor(data: RpkiData, wanted: ValidityViews['wanted']) {
    this.data = data;
    this.wanted = wanted;
  }

  /** The VRPs that cover the prefix. */
  ofPrefix(prefix: Prefix): { vrps?: VrpView[] } {
    if (!this.wanted().origins) return {};
    return { vrps: this.data.covering(prefix).slice(0, mostVrps).map(vrpView) };
  }

  ofPath(
    prefix: Prefix,
    asPath: readonly AsPathSegment[],
    role: Role | undefined,
  ): { rpki?: OriginState; aspa?: PathState } {
    const { data } = this;
    const { origins, paths } = this.wanted();
    return {
      ...(origins && { rpki: data.originState(data.originClass(prefix), originAs(asPath)) }),
      ...(paths && { aspa: data.pathState(asPath, role) }),
    };
  }
}
