import { bird1Programs, birdChannel, type BirdDaemon, birdTitles } from './bird-syntax.ts';
import { RenderError, type RenderFamily, type RenderTarget } from './target.ts';
import { type Line, lines, when } from './text.ts';

/** Renders the bird.conf of a BIRD 2 or 3 that is the peer. */
export function renderBird(target: RenderTarget): string {
  return bird('bird', target);
}

/**
 * Renders the bird.conf or bird6.conf of a BIRD 1.6 that is the peer. Its sessions carry only the routes of the family
 * of their own addresses; throws a `RenderError` if the peer does not have that family.
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
  const { name, tested } = birdTitles[daemon];
  return lines([
    `# ${name} as ${target.name}, a peer of the fingerpost at ${target.ourAddress}.`,
    `# ${tested}`,
    ...when(
      daemon === 'bird1.6',
      `# The program is ${bird1Programs[target.theirFamily]}: BIRD 1.6 has one for each family.`,
    ),
    '',
    `# Give each host its own id.`,
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
      holdTimeComment(target),
      `hold time ${target.holdTimeSec};`,
      `# With the defaults, the next attempt comes after a minute or more.`,
      'connect retry time 5; error wait time 1, 5;',
      ...when(target.gtsm, 'ttl security on;'),
      ...when(target.bfd !== undefined, 'bfd on;'),
      ...when(target.hasPassword, `# password "the key of the session";`),
      ...when(
        target.showsBest,
        '# fingerpost compares the best routes of this router; it never uses them.',
      ),
      ...target.families.map((family) => channel(daemon, target, family)),
    ].flat(),
    '}',
  ]);
}

function holdTimeComment({ listens }: RenderTarget): string {
  return listens
    ? '# A router keeps the routes of a route server that died without closing its session for this long.'
    : '# A node that died without closing its session is noticed after this long.';
}

function channel(daemon: BirdDaemon, target: RenderTarget, family: RenderFamily): Line {
  return birdChannel(daemon, family, [
    target.listens ? 'import all; gateway recursive;' : 'import none;',
    exported(target),
    ...(target.listens && target.addPathToThem ? ['add paths rx;'] : []),
  ]);
}

function exported({ announces, showsBest }: RenderTarget): string {
  if (showsBest) return 'export where source = RTS_BGP; next hop keep;';
  return announces ? 'export filter services;' : 'export none;';
}

/** The timers belong to the kind of session and not to the neighbor, so other neighbors share them. */
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
 * The next hop is a node that may be behind another router: `gateway recursive` looks it up among the routes of
 * the IGP, here those of the kernel.
 */
function kernel(daemon: BirdDaemon, { families }: RenderTarget): readonly Line[] {
  return families.flatMap((family) => [
    daemon === 'bird' ? `protocol direct { ${family}; }` : 'protocol direct { }',
    'protocol kernel {',
    [
      `# The routes of the IGP come from the kernel; remove this if BIRD itself runs OSPF or IS-IS.`,
      'learn;',
      birdChannel(daemon, family, ['import all;', 'export where source = RTS_BGP;']),
    ],
    '}',
  ]);
}

/** Announces service addresses, each with its MED. A health check has to withdraw them or raise the MED. */
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
