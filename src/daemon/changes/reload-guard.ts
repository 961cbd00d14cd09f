import type { Config, PeerConfig } from '#config/config.ts';
import { planDynamic, planning, planProcess } from '#config/plan.ts';
import type { Daemon } from '../daemon.ts';
import { inTurns, nextTurn } from '../in-slices.ts';
import { WhatIf } from './what-if.ts';

/** How many names a refusal lists. */
const namesTold = 5;

/**
 * Returns, in words, what a reload would break so badly that it was probably not intended: an address of a service goes
 * dark, or all sources or clients, or more than half of either, stop being one, for example because they are removed.
 * `undefined` if nothing of this applies. Works in slices, with BGP in between.
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
    lossOf(sources, before, after) ??
    lossOf(clients, before, after) ??
    (await darknessOf(daemon, config, 'would go'))
  );
}

/** What a peer is needed for. */
interface Role {
  readonly name: 'source' | 'client';
  /** What happens to a peer that loses the role. */
  readonly loss: string;
  /** The settings that keep a peer from having the role, as a refusal names them. */
  readonly obstacles: readonly Obstacle[];
}

interface Obstacle {
  readonly text: string;
  readonly isSo: (peer: PeerConfig) => boolean;
}

const disabled: Obstacle = { text: 'disabled', isSo: (peer) => !peer.enabled };

const sources: Role = {
  name: 'source',
  loss: 'would no longer be used',
  obstacles: [
    disabled,
    { text: 'observer', isSo: (peer) => peer.observer },
    { text: 'import none', isSo: (peer) => peer.import === 'none' },
  ],
};

const clients: Role = {
  name: 'client',
  loss: 'would no longer be sent routes',
  obstacles: [
    disabled,
    { text: 'shadow', isSo: (peer) => peer.shadow },
    { text: 'export none', isSo: (peer) => peer.export === 'none' },
  ],
};

function obstacleOf({ obstacles }: Role, peer: PeerConfig): Obstacle | undefined {
  return obstacles.find(({ isSo }) => isSo(peer));
}

/** Compares by address: a peer that only gets another name keeps its role. */
function lossOf(
  role: Role,
  before: readonly PeerConfig[],
  after: readonly PeerConfig[],
): string | undefined {
  const had = before.filter((peer) => obstacleOf(role, peer) === undefined);
  const next = new Map(after.map((peer) => [peer.addressText, peer]));
  const names = new Set(after.map(({ name }) => name));
  const reasonOf = ({ name, addressText }: PeerConfig): string | undefined => {
    const peer = next.get(addressText);
    if (peer !== undefined) return obstacleOf(role, peer)?.text;
    return names.has(name) ? 'other address' : 'removed';
  };
  const lost = had.flatMap((peer) => {
    const reason = reasonOf(peer);
    return reason === undefined ? [] : [{ name: peer.name, reason }];
  });
  if (lost.length === 0) return undefined;
  const isAll = lost.length === had.length;
  if (!isAll && (lost.length < 2 || lost.length * 2 <= had.length)) return undefined;
  return `${countText(role, lost.length, had.length)} ${role.loss} (${lossText(lost)})`;
}

function countText({ name }: Role, lost: number, all: number): string {
  if (lost < all) return `${lost} of ${all} ${name}s`;
  return all === 1 ? `the only ${name}` : `all ${all} ${name}s`;
}

/** Returns the lost peers by reason: `removed: W1, W3; disabled: W2`. */
function lossText(lost: readonly { readonly name: string; readonly reason: string }[]): string {
  const byReason = Map.groupBy(lost, ({ reason }) => reason);
  return [...byReason]
    .map(([reason, peers]) => `${reason}: ${listed(peers.map(({ name }) => name))}`)
    .join('; ');
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
      await nextTurn(daemon.clock);
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
