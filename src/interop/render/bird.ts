import type { RenderFamily, RenderTarget } from './target.ts';
import { type Line, lines, when } from './text.ts';

/** bird.conf of a BIRD 2 or 3 that is the peer. */
export function renderBird(target: RenderTarget): string {
  return lines([
    `# BIRD 2 as ${target.name}, a peer of the fingerpost at ${target.ourAddress}.`,
    `# Tried with BIRD 2.0.12; BIRD 3 takes the same words.`,
    '',
    `# An id of its own on each host.`,
    `router id ${target.theirRouterId};`,
    'protocol device { }',
    ...bfd(target),
    ...when(target.listens, ...kernel(target)),
    ...when(target.announces, ...announced(target)),
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
      ...target.families.map((family) => channel(target, family)),
    ].flat(),
    '}',
  ]);
}

function channel(target: RenderTarget, family: RenderFamily): Line {
  const imports = target.listens ? 'import all; gateway recursive; ' : 'import none; ';
  const exports = target.announces ? 'export filter services; ' : 'export none; ';
  const paths = target.listens && target.addPathToThem ? 'add paths rx; ' : '';
  return `${family} { ${imports}${exports}${paths}};`;
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
function kernel({ families }: RenderTarget): readonly Line[] {
  return families.flatMap((family) => [
    `protocol direct { ${family}; }`,
    'protocol kernel {',
    [
      `# The IGP's routes come from the kernel; leave this out where BIRD itself speaks OSPF or IS-IS.`,
      'learn;',
      `${family} { import all; export where source = RTS_BGP; };`,
    ],
    '}',
  ]);
}

/** Service addresses with a MED each. A health check has to take them out or raise the MED. */
function announced({ addressesToAnnounce, families }: RenderTarget): readonly Line[] {
  const family = families.includes('ipv6') ? 'ipv6' : 'ipv4';
  return [
    'protocol static service_addresses {',
    [`${family};`, ...addressesToAnnounce.map(({ prefix }) => `route ${prefix} unreachable;`)],
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
