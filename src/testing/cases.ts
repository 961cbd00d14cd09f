import type { PeerConfig } from '#config/config.ts';
import type { Aspa, Vrp } from '#rpki/pdu.ts';
import type { ServiceState } from '#services/audit.ts';
import type { CoherenceState } from '#services/coherence.ts';
import type { Prefix } from '#wire/nlri.ts';
import type { PathAttributes } from '#wire/path-attributes.ts';

/** A position in a file of cases; line and column are 1-based. */
export interface CasePlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A case that was read without an error. */
export interface Case {
  readonly name: string;
  readonly place: CasePlace;
  readonly stages: readonly Stage[];
}

/** Steps, and then what must hold. */
export interface Stage {
  readonly steps: readonly Step[];
  readonly expectations: readonly Expectation[];
}

export type Step = { readonly place: CasePlace } & (
  | {
      readonly kind: 'announce';
      readonly peer: PeerConfig;
      readonly prefixes: readonly Prefix[];
      readonly attributes: PathAttributes;
      readonly routerId?: number;
    }
  | { readonly kind: 'withdraw'; readonly peer: PeerConfig; readonly prefixes: readonly Prefix[] }
  | { readonly kind: 'up'; readonly peer: PeerConfig; readonly routerId?: number }
  | { readonly kind: 'down'; readonly peer: PeerConfig }
  | {
      readonly kind: 'drain';
      readonly node: string;
      readonly isDrained: boolean;
      /** Whether the node is drained even if the guard would refuse. */
      readonly isForced: boolean;
    }
  | {
      readonly kind: 'probe';
      readonly node: string;
      /** Its index in the configuration; absent for every service. */
      readonly service?: number;
      readonly isAnswering: boolean;
    }
  | { readonly kind: 'vrps'; readonly vrps: readonly Vrp[] }
  | { readonly kind: 'aspas'; readonly aspas: readonly Aspa[] }
  | {
      readonly kind: 'sibling';
      readonly sibling: PeerConfig;
      readonly prefixes: readonly Prefix[];
      /** Absent if the sibling offers no route. */
      readonly route?: { readonly nextHop: Uint8Array; readonly med?: number };
    }
);

export type Expectation =
  | {
      readonly kind: 'route';
      readonly prefix: Prefix;
      readonly text: string;
      readonly checks: readonly RouteCheck[];
    }
  | {
      readonly kind: 'service';
      readonly name: string;
      readonly state: ServiceState;
      readonly place: CasePlace;
    }
  | {
      readonly kind: 'session';
      readonly peer: string;
      readonly isUp: boolean;
      readonly place: CasePlace;
    };

/** One expectation about a prefix. `none` stands for no path, no reason or no client. */
export type RouteCheck = { readonly place: CasePlace } & (
  | { readonly kind: 'best' | 'backup'; readonly peer: string }
  | { readonly kind: 'coherence'; readonly state: CoherenceState }
  | { readonly kind: 'rejected'; readonly from: string; readonly reason: string }
  | { readonly kind: 'sent'; readonly groups: readonly SentGroup[] }
);

/** Clients that are sent the same route, and the attributes of it that are checked, as the API shows them. */
export interface SentGroup {
  readonly to: readonly string[];
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly place: CasePlace;
}
