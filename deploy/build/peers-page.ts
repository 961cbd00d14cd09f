import { loadConfig } from '#config/load.ts';
import type { PeerDaemon } from '#interop/render/peer-daemons.ts';
import { renderPeer } from '#interop/render/render.ts';
import { nodeBirdConfig } from '../lab/bfd-config.ts';
import { nodes } from '../lab/plan.ts';
import { siblingSnippets } from './sibling-snippets.ts';

/** The example whose peers the page shows. */
const example = new URL('../examples/service-ha.yaml', import.meta.url).pathname;

interface Shown {
  readonly title: string;
  readonly daemon: PeerDaemon;
  readonly peer: string;
  readonly language: string;
  readonly notes: readonly string[];
}

const shown: readonly Shown[] = [
  {
    title: 'ExaBGP on a node',
    daemon: 'exabgp',
    peer: 'W1',
    language: 'text',
    notes: [
      'ExaBGP only connects out and does not listen: `passive: true` on our side. Its wait between two attempts grows with every lost session, up to a minute, and a session that comes up does not reset it: restart ExaBGP on a node that is slow to come back.',
      'A failed service stays announced with a MED of 1000 or more, so that it is still served when every check fails; `--withdraw-on-down` withdraws it instead. `touch /run/exabgp/maintenance` takes a node out of service without ending its session.',
      'An IPv6 route with `next-hop self` on an IPv4 session carries a next hop of 4 octets, which no receiver can use: write the address of the next hop instead.',
    ],
  },
  {
    title: 'BIRD 2 on a router',
    daemon: 'bird',
    peer: 'ER2',
    language: 'text',
    notes: [
      'A third-party next hop needs `gateway recursive`: BIRD then resolves it through the IGP. Without it BIRD treats a next hop that is not on the network of the session as unreachable.',
      'If several route servers are configured, give each the same `hold time`: a router keeps the routes of a dead route server for that long.',
      'BIRD does not check the first AS of AS_PATH (`enforce first as` is off by default); leave it that way.',
    ],
  },
  {
    title: 'BIRD 1.6 on a router',
    daemon: 'bird1.6',
    peer: 'ER2',
    language: 'text',
    notes: [
      'BIRD 1.6 is two programs, `bird` for IPv4 and `bird6` for IPv6, each with its own file and session; the family is that of the address of the peer. For BIRD 1.6 as another route server use `fingerpost render --sibling bird1.6 --family ipv6`, and `--family ipv4` for the other program.',
    ],
  },
  {
    title: 'FRR on a router',
    daemon: 'frr',
    peer: 'ER2',
    language: 'text',
    notes: [
      'FRR 10 refuses a route whose AS_PATH does not begin with the AS of the session; a route server does not add its own. `no neighbor ADDRESS enforce-first-as` is needed there; FRR 8.4 does not know this command.',
      'Without `bgp graceful-restart-disable` FRR offers graceful restart, and keeps using the routes of a dead route server at full preference.',
    ],
  },
  {
    title: 'OpenBGPD on a router',
    daemon: 'openbgpd',
    peer: 'ER2',
    language: 'text',
    notes: [
      '`enforce neighbor-as no` is needed because AS_PATH begins with the AS of the node, not with ours.',
    ],
  },
  {
    title: 'GoBGP on a router',
    daemon: 'gobgp',
    peer: 'ER2',
    language: 'toml',
    notes: [],
  },
  {
    title: 'BIRD 2 on a node',
    daemon: 'bird',
    peer: 'W1',
    language: 'text',
    notes: [
      'A node may run any daemon that can set MED. BIRD has no health check of its own: let one rewrite the file and run `birdc configure`, or run ExaBGP.',
    ],
  },
  {
    title: 'FRR on a node',
    daemon: 'frr',
    peer: 'W1',
    language: 'text',
    notes: [],
  },
];

const introduction = `\`fingerpost render --for exabgp|bird|bird1.6|frr|openbgpd|gobgp --peer NAME\` prints the other side's configuration for any peer of yours. What
follows is its output for the example [service-ha.yaml](../deploy/examples/service-ha.yaml), where fingerpost is 2001:db8:1::9 in AS 65002. The same
output is started unedited in the real daemons by the interop tests (ExaBGP 4.2, BIRD 2.0 and 1.6, FRR 8.4, OpenBGPD 7.7, GoBGP 3.10).

What holds for all of them:

- **Hold time.** Make it as short on the session to a router as on that to a node: otherwise the routers keep the routes of a route
  server that died without closing its session, and with them the best MED of a node that may be gone too.
- **TTL.** A peer on another network needs \`multihop\` on both sides.
- **TCP MD5** on one side only causes silence on both: no SYN is answered.
- **Graceful restart**: fingerpost offers the capability without families by default, so that a dead node's routes are removed at once.
- **Ties.** If MEDs are equal, fingerpost chooses the lower BGP identifier. Beside it BIRD needs \`igp metric off\` on its sessions with nodes, and FRR
  \`bgp bestpath compare-routerid\`. Otherwise the route servers choose differently.`;

const siblingSection = `## Another route server, to be observed

fingerpost compares its routes with those of the other route servers that the routers use (\`show coherence\`), and reports a
drain as effective only when they agree. For this, fingerpost is configured as one more client on each of them, and each is a
peer with \`observer: true\` on fingerpost: its routes are kept apart and never used, and it is sent nothing except End-of-RIB,
so that no route can loop. There are two forms.

In the external form the other route server sees one more router. BIRD needs this form for \`rs client\`, which it refuses within
an AS:

\`\`\`yaml
siblings: [RS4, RS5]
peers:
  - { name: RS4, address: "2001:db8:1::4", peer_as: 65002, local_as: 65003, observer: true, hold_time: 6 }
  - { name: RS5, address: "2001:db8:1::5", peer_as: 65002, local_as: 65003, observer: true, hold_time: 6 }
\`\`\`

The internal form is an ordinary iBGP session: the same without \`local_as\`.

BIRD 2, external:

\`\`\`text
${siblingSnippets.bird.external}
\`\`\`

BIRD 2, internal:

\`\`\`text
${siblingSnippets.bird.internal}
\`\`\`

BIRD 1.6 (\`bird6\`; for IPv4 the same in \`bird\`), external:

\`\`\`text
${siblingSnippets.bird1.external}
\`\`\`

BIRD 1.6, internal:

\`\`\`text
${siblingSnippets.bird1.internal}
\`\`\`

FRR, external, within its \`router bgp 65002\`. NOTHING is a route map that denies everything, EVERYTHING one that permits everything:

\`\`\`text
${siblingSnippets.frr.external}
\`\`\`

FRR, internal:

\`\`\`text
${siblingSnippets.frr.internal}
\`\`\``;

const bfdSection = `## BFD beside ExaBGP

ExaBGP has no BFD. A BIRD that runs nothing but BFD adds it to the node; it takes a few MB, and one packet each way per session
and interval. W1 of [the lab](../deploy/lab/README.md) runs this toward three route servers:

\`\`\`text
${nodeBirdConfig(nodes[0]).trimEnd()}
\`\`\`

In fingerpost set \`bfd: { min_tx: 100ms, min_rx: 100ms }\` in the group of the nodes. The packets cross routers, so UDP port
4784 must be open. On a common network the port is 3784, and the line is \`neighbor ADDRESS dev "eth0";\`.

- A pulled cable and a frozen host are noticed after 0.3 s instead of 4 to 6 s.
- **What it does not see:** an ExaBGP that hangs beside a healthy BIRD is still noticed only after the hold time.
- **What it costs:** there is one more daemon whose failure ends a healthy session. A BIRD that crashes or is upgraded takes the
  node out for a moment, so take the node out of service before an upgrade.
- Enable BFD on every route server, and on the routers' sessions: the slowest decides. BIRD as a route server needs
  \`protocol bfd\`, and \`bfd on\` with \`source address\` if the session is multihop. FRR needs bgpd with zebra and bfdd, and
  \`neighbor … bfd\`. FRR drops packets that have crossed more routers than \`ebgp-multihop\` allows, counted from 255, and those
  of BIRD begin at 64: use \`ebgp-multihop 255\` toward a BIRD across routers.`;

/** Returns docs/peers.md. */
export function peersPage(): string {
  const outcome = loadConfig(example);
  if (!outcome.ok) throw new Error(outcome.problems.map(({ message }) => message).join('\n'));
  const sections = shown.map(({ title, daemon, peer, language, notes }) =>
    [
      `## ${title}`,
      `\`fingerpost render --for ${daemon} --peer ${peer}\``,
      `\`\`\`${language}\n${renderPeer(outcome.config, daemon, peer).trimEnd()}\n\`\`\``,
      ...notes,
    ].join('\n\n'),
  );
  const note = '<!-- Generated by `npm run build`; edit deploy/build/peers-page.ts. -->';
  return `${["# The other side's configuration", note, introduction, ...sections, bfdSection, siblingSection].join('\n\n')}\n`;
}
