import type { Failure } from '#testing/expectations.ts';
import { readCases } from '#testing/read-cases.ts';
import { runCase } from '#testing/run-case.ts';
import type { ConfigHost } from '#yaml/host.ts';
import { hostOf } from '../config/files.ts';

/** Nodes, clients of several kinds, a sibling, a range of peers and a service. */
const config = `
router_id: 1.1.1.9
local_as: 65002
policies:
  loopbacks: [{ match: { prefix: ["2001:db8:30::/64{128,128}", "198.51.100.0/24{32,32}"] }, then: accept }]
  not_marked: [{ match: { community: "65001:9" }, then: reject }, { then: accept }]
peer_groups:
  nodes: { peer_as: 65001, import: loopbacks, max_prefix: { limit: 3, action: restart } }
  routers: { peer_as: 65003, export: all }
peers:
  - { name: W1, address: "2001:db8:6::11", group: nodes, node: w1, allow_as_sets: true }
  - { name: W2, address: "2001:db8:7::12", group: nodes, node: w2 }
  - { name: V4, address: 192.0.2.4, group: nodes, accept_next_hop: any }
  - { name: OFF, address: "2001:db8:7::13", group: nodes, enabled: false }
  - { name: ER2, address: "2001:db8:1::2", group: routers }
  - { name: ER3, address: "2001:db8:1::3", group: routers, export: not_marked }
  - { name: EVERY, address: "2001:db8:1::4", group: routers, add_path: send }
  - { name: RS4, address: "2001:db8:1::8", peer_as: 65002, local_as: 65003, observer: true }
  - { name: SHADOW, address: "2001:db8:1::5", group: routers, shadow: true }
peer_ranges:
  - { range: "2001:db8:40::/64", group: nodes, max_peers: 10 }
services:
  - { name: web, prefix: "2001:db8:30::1/128", min_healthy: 2 }
`;

export const file = '/t/cases.yaml';

function hostWith(cases: string): ConfigHost {
  return hostOf({ '/t/fp.yaml': config, [file]: `config: fp.yaml\n${cases}` });
}

/** Returns `line:column message` for each fault of the file, whose first line is `config:`. */
export function problemsOf(cases: string): string[] {
  const outcome = readCases(file, '/none.yaml', hostWith(cases));
  if (outcome.ok) return [];
  return outcome.problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
}

/** Returns the failures of the cases of a file that has no fault. */
export function failuresOf(cases: string): readonly Failure[] {
  const outcome = readCases(file, '/none.yaml', hostWith(cases));
  if (!outcome.ok) throw new Error(problemsOf(cases).join('\n'));
  return outcome.cases.flatMap((one) => runCase(outcome.config, one).failures);
}

/** Returns `subject: what: expected … got …` for each difference. */
export function differencesOf(cases: string): string[] {
  return failuresOf(cases).flatMap(({ subject, differences }) =>
    differences.map(
      ({ what, expected, actual }) => `${subject}: ${what}: expected ${expected}, got ${actual}`,
    ),
  );
}

/** Returns a case of steps and expectations in YAML's flow style. */
export function caseOf(steps: string, expectations: string): string {
  return `cases:\n  - name: it\n    given: [${steps}]\n    expect: [${expectations}]\n`;
}
