import { bird1Programs, birdChannel, type BirdDaemon, birdTitles } from './bird-syntax.ts';
import { RenderError, type RenderFamily, type RenderTarget } from './target.ts';
import { type Line, lines, when } from './text.ts';

/** bird.conf of a BIRD 2 or 3 that is the peer. */
export function renderBird(target: RenderTarget): string {
  return bird('bird', target);
}

/**
 * bird.conf or bird6.conf of a BIRD 1.6 that is the peer. Its sessions carry the routes of the family of their own
 * addresses and no others; throws a `RenderError` where the peer does not have that family.
 */
export function renderBird1(target: RenderTarget): string {
  const { name, families, theirFamily } = target;
  if (!families.includes(theirFamily)) {
    throw new RenderError(
      `${name}: BIRD 1.6 carries only ${theirFamily}_unicast over this session; add it to the families of the peer`,
    );
  }
  return bird('bird1.6', { ...target, families: [theirFamily] });
}

function bird(daemon: BirdDaemon, target: RenderTarget): string {
  const { name, tried } = birdTitles[daemon];
  return lines([
    `# ${name} as ${target.name}, a peer of the fingerpost at ${target.ourAddress}.`,
    `# ${tried}`,
    ...when(
      daemon === 'bird1.6',
      `# The program is ${bird1Programs[target.theirFamily]}: BIRD 1.6 has one for each family.`,
    ),
    '',
    `# An id of its own on each host.`,
    `router id ${target.theirRouterId};`,
    'protocol device { }',
    ...bfd(target),
    ...when(target.listens, ...kernel(daemon, target)),
    ...when(target.announces, ...announced(daemon, target)),
    '',
    'protocol bgp FINGERPOST {',
    [
      `local ${target.theirAddress} as ${target.theirAs};`,
      `neighbor ${target.ourAddress}${target.ourPort === 179 ? '' : ` port ${target.ourPort}`} as ${target.ourAs};`,
      target.multihop === undefined ? undefined : `multihop ${target.multihop};`,
      `# A router keeps the routes of a route server that died without a word for this long.`,
      `hold time ${target.holdTimeSec};`,
      `# The defaults wait a minute and more before the next attempt.`,
      'connect retry time 5; error wait time 1, 5;',
      ...when(target.gtsm, 'ttl security on;'),
      ...when(target.bfd !== undefined, 'bfd on;'),
      ...when(target.hasPassword, `# password "the key of the session";`),
      ...target.families.map((family) => channel(daemon, target, family)),
    ].flat(),
    '}',
  ]);
}

function channel(daemon: BirdDaemon, target: RenderTarget, family: RenderFamily): Line {
  return birdChannel(daemon, family, [
    target.listens ? 'import all; gateway recursive;' : 'import none;',
    target.announces ? 'export filter services;' : 'export none;',
    ...(target.listens && target.addPathToThem ? ['add paths rx;'] : []),
  ]);
}

/** The timers belong to the kind of session, not to the neighbor: other neighbors share them. */
function bfd({ bfd: timers, multihop }: RenderTarget): readonly Line[] {
  if (timers === undefined) return [];
  const { txMs, rxMs, multiplier } = timers;
  const kind = multihop === undefined || multihop === 1 ? 'interface "*"' : 'multihop';
  return [
    'protocol bfd {',
    [
      `${kind} { min tx interval ${txMs} ms; min rx interval ${rxMs} ms; multiplier ${multiplier}; };`,
    ],
    '}',
  ];
}

/**
 * The next hop is a node that need not be on our network: `gateway recursive` looks it up among the routes of
 * the IGP, here those of the kernel.
 */
function kernel(daemon: BirdDaemon, { families }: RenderTarget): readonly Line[] {
  return families.flatMap((family) => [
    daemon === 'bird' ? `protocol direct { ${family}; }` : 'protocol direct { }',
    'protocol kernel {',
    [
      `# The IGP's routes come from the kernel; leave this out where BIRD itself speaks OSPF or IS-IS.`,
      'learn;',
      birdChannel(daemon, family, ['import all;', 'export where source = RTS_BGP;']),
    ],
    '}',
  ]);
}

/** Service addresses with a MED each. A health check has to take them out or raise the MED. */
function announced(
  daemon: BirdDaemon,
  { addressesToAnnounce, theirFamily }: RenderTarget,
): readonly Line[] {
  return [
    'protocol static service_addresses {',
    [
      birdChannel(daemon, theirFamily),
      ...addressesToAnnounce.map(({ prefix }) => `route ${prefix} unreachable;`),
    ],
    '}',
    'filter services {',
    [
      'if proto != "service_addresses" then reject;',
      ...addressesToAnnounce.map(({ prefix, med }) => `if net = ${prefix} then bgp_med = ${med};`),
      'accept;',
    ],
    '}',
  ];
}
