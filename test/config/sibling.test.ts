import { expect, it } from 'vitest';
import { RenderError } from '#interop/render/target.ts';
import { renderSibling } from '#interop/sibling/sibling.ts';
import { configOf, minimal } from './files.ts';

const withRule = (rule: string, more = '') =>
  configOf(
    minimal(
      `policies: { p: [${rule}] }\npeers:\n  - { name: A, address: 192.0.2.1, peer_as: 65001, import: p, export: all ${more}}\n`,
    ),
  );

it.each([
  ['{ match: { as_path_length: "64-" }, then: reject }', 'compare the length of AS_PATH'],
  ['{ match: { med: "1-9" }, then: reject }', 'compare MED with a range'],
  ['{ set: { med: "+1" }, then: accept }', 'add to a MED'],
  ['{ match: { ext_community: "rt:1:1" }, then: accept }', 'match these extended communities'],
])('says where a rule stands that FRR cannot do: %s', (rule, words) => {
  const render = () => renderSibling(withRule(rule), 'frr');
  expect(render).toThrow(RenderError);
  expect(render).toThrow(`/etc/fp.yaml:3: FRR cannot ${words}`);
  expect(renderSibling(withRule(rule), 'bird')).toContain('function policy_p()');
});

it.each([
  [
    '{ match: { med: "0-9" }, then: accept }',
    '(! defined(bgp_med) || (defined(bgp_med) && bgp_med <= 9))',
  ],
  [
    '{ match: { as_path_length: ["3", "64-"] }, then: reject }',
    '(bgp_path.len = 3 || (bgp_path.len >= 64))',
  ],
  [
    '{ match: { ext_community: ["rt:1:*", "generic:0x43000000:0x1"] }, then: accept }',
    'bgp_ext_community ~ [ (rt, 1, *), (generic, 0x43000000, 0x1) ]',
  ],
  ['{ match: { peer: A }, then: accept }', 'if proto = "A" then accept;'],
  ['{ set: { prepend: [1, 2] }, then: accept }', 'bgp_path.prepend(2);\n  bgp_path.prepend(1);'],
])('writes for BIRD: %s', (rule, words) => {
  expect(renderSibling(withRule(rule), 'bird')).toContain(words);
});

it('never renders a password', () => {
  const config = withRule('{ then: accept }', ', password: s3cret ');
  for (const daemon of ['bird', 'frr'] as const) {
    expect(renderSibling(config, daemon)).not.toContain('s3cret');
  }
});
