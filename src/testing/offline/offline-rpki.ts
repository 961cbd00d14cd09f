import { atOnce } from '#daemon/in-slices.ts';
import { vrpText } from '#daemon/rpki/rpki-views.ts';
import type { ValidationChange } from '#policy/validation.ts';
import type { Aspa, Vrp } from '#rpki/pdu.ts';
import { RpkiData } from '#rpki/rpki-data.ts';
import { VrpColumns } from '#rpki/vrp-columns.ts';
import { families } from '#wire/constants.ts';

/** What the RTR caches contain from now on; what is absent stays as it was. */
export interface ValidatedGiven {
  readonly vrps?: readonly Vrp[] | undefined;
  readonly aspas?: readonly Aspa[] | undefined;
}

/** The validated data, as the steps give it. */
export class OfflineRpki {
  readonly data = new RpkiData();
  private vrps: readonly Vrp[] | undefined;
  private aspas: readonly Aspa[] | undefined;

  get isGiven(): { readonly origins: boolean; readonly paths: boolean } {
    return { origins: this.vrps !== undefined, paths: this.aspas !== undefined };
  }

  set({ vrps = this.vrps, aspas = this.aspas }: ValidatedGiven): ValidationChange {
    this.vrps = vrps;
    this.aspas = aspas;
    const columns = families.map(({ family }) => new VrpColumns(family));
    // A duplicate is an error of a cache, but not of a test.
    const unique = new Map(vrps?.map((vrp) => [vrpText(vrp), vrp]));
    for (const vrp of unique.values()) columns[vrp.family].add(vrp, true);
    const providers = new Map(aspas?.map((aspa) => [aspa.customer, aspa.providers]));
    const received = { isWhole: true, vrps: columns, aspas: providers };
    const next = atOnce(this.data.prepare(received, vrpText));
    this.data.install(next);
    return next.change;
  }
}
