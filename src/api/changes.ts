/**
 * What a change would do to routes: the answers of `plan` and `whatif`. Shapes of the API's JSON, as in
 * watch.ts.
 */
import type { ServiceStateName } from './api.ts';

/** A node's path, as it is or as a router is sent it. */
export interface ServerView {
  node: string;
  peer: string;
  next_hop: string;
  med?: number;
}

/** Who serves a prefix, and who would take over: of a service, healthy nodes only. */
export interface ServingView {
  best?: ServerView;
  backups: string[];
}

/** Worst first: see services/outlook. */
export type EffectName = 'dark' | 'no_backup' | 'moves' | 'gains';

/** Routers to which the same happens. */
export interface RouterMoveView {
  peers: string[];
  effect: 'gain' | 'lose' | 'move';
  before?: ServerView;
  after?: ServerView;
}

export interface PrefixChangeView {
  prefix: string;
  effects: EffectName[];
  /** Where a service has the prefix: its name, and the audit's words. */
  service?: string;
  state?: { before: ServiceStateName; after: ServiceStateName };
  /** What is wrong afterwards, worst first. */
  findings?: string[];
  before: ServingView;
  after: ServingView;
  routers: RouterMoveView[];
}

/** Prefixes by what becomes of them; one may count in several. */
export interface ChangeCounts {
  /** Best path, backups, state or what a router is sent. */
  changed: number;
  dark: number;
  no_backup: number;
  moves: number;
  gains: number;
}

/** Of one router, in prefixes. */
export interface RouterCountsView {
  peer: string;
  gain: number;
  lose: number;
  move: number;
}

export interface ChangesView {
  counts: ChangeCounts;
  /** Those that would notice. */
  routers: RouterCountsView[];
  /** Worst first, then by address; the first ones only, `counts.changed` tells of how many. */
  changes: PrefixChangeView[];
}

export type DomainName = 'node' | 'site' | 'rack' | 'peer';

/** Something that may happen, and what it would do. */
export interface ScenarioView extends ChangesView {
  kind: DomainName | 'config';
  /** Of the node, site, rack or peer that would be gone; the hash of the configuration. */
  name: string;
  /** Whose routes would be gone; of a configuration, the peers that it changes. */
  peers: string[];
}

export interface SimulationView {
  items: ScenarioView[];
  rib_version: number;
}

/** What is to be supposed. */
export type Supposition =
  | { readonly kind: 'gone'; readonly domain: DomainName; readonly name: string }
  | { readonly kind: 'each'; readonly domain: DomainName }
  | { readonly kind: 'config'; readonly text: string };

/** Work in slices of a few milliseconds; between two of them the daemon does its own. */
export type Work<Value> = Generator<void, Value>;
