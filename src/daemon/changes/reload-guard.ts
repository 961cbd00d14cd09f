import type { Config, PeerConfig } from '#config/config.ts';
import { planDynamic, planning, planProcess } from '#config/plan.ts';
import type { Daemon } from '../daemon.ts';
import { inTurns } from '../in-slices.ts';
import { WhatIf } from './what-if.ts';

/** How many names a refusal lists. */
const namesTold = 5;

/**
 * Returns, in words, what a reload would break so badly that it was probably not intended: an address of a service goes
 * dark, or all sources or clients, or more than half of either, are removed. `undefined` if nothing of this applies.
 * Works in slices, with BGP in between.
 */
export async function harmOf(daemon: Daemon, config: Config): Promise<string | undefined> {
  const before = [...daemon.peers].map((peer) => peer.config);
  const dynamic = planDynamic(
    daemon.config,
    config,
    before.filter(({ range }) => range !== undefined),
  );
  const after = [...config.peers, ...dynamic.flatMap((row) => row.config ?? [])];
  return (
    lossOf('source', before.filter(isSource), after.filter(isSource)) ??
    lossOf('client', before.filter(isClient), after.filter(isClient)) ??
    (await darknessOf(daemon, config, 'would go'))
  );
}

function isSource(peer: PeerConfig): boolean {
  return peer.enabled && !peer.observer && peer.import !== 'none';
}

function isClient(peer: PeerConfig): boolean {
  return peer.enabled && !peer.shadow && peer.export !== 'none';
}

/** Compares by address: a peer that only gets another name is not removed. */
function lossOf(
  what: 'source' | 'client',
  before: readonly PeerConfig[],
  after: readonly PeerConfig[],
): string | undefined {
  const remaining = new Set(after.map(({ addressText }) => addressText));
  const gone = before.filter(({ addressText }) => !remaining.has(addressText));
  if (gone.length === 0) return undefined;
  const names = listed(gone.map(({ name }) => name));
  if (gone.length === before.length) {
    const all = gone.length === 1 ? `the only ${what}` : `all ${gone.length} ${what}s`;
    return `${all} would be removed (${names})`;
  }
  if (gone.length < 2 || gone.length * 2 <= before.length) return undefined;
  return `${gone.length} of ${before.length} ${what}s would be removed (${names})`;
}

/**
 * Returns which addresses of services go dark because of the reload, in words: `1 service address would go dark (…)`.
 * Works in slices, with BGP in between.
 */
export async function darknessOf(
  daemon: Daemon,
  config: Config,
  verb: 'goes' | 'would go',
): Promise<string | undefined> {
  const { services } = daemon.config;
  if (services.length + config.services.length === 0) return undefined;
  if (!(await inTurns(daemon.clock, mayDarken(daemon.config, config)))) return undefined;
  const work = new WhatIf(daemon).reportUnder(config, 0);
  for (;;) {
    const step = work.next();
    if (step.done !== true) {
      await new Promise<void>((resolve) => daemon.clock.soon(resolve));
      continue;
    }
    const { darkServices: dark } = step.value;
    if (dark.length === 0) return undefined;
    const many = dark.length === 1 ? '1 service address' : `${dark.length} service addresses`;
    const goes = verb === 'goes' && dark.length > 1 ? 'go' : verb;
    return `${many} ${goes} dark (${listed(dark)})`;
  }
}

function* mayDarken(before: Config, after: Config): Generator<void, boolean> {
  for (const { effect } of planning(before, after)) {
    if (effect !== 'none') return true;
    yield;
  }
  return planProcess(before, after).some(({ key }) => key === 'services' || key === 'peer_ranges');
}

function listed(names: readonly string[]): string {
  const more = names.length > namesTold ? `, and ${names.length - namesTold} more` : '';
  return names.slice(0, namesTold).join(', ') + more;
}
