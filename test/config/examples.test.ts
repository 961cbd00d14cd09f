import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { loadConfig } from '#config/load.ts';
import { publishedSchema } from '#config/schema/schema-json.ts';
import { warningsOf } from '#config/warnings.ts';
import { configOf, problemsOf } from './files.ts';

const folder = 'deploy/examples';
const examples = readdirSync(folder).filter((file) => file.endsWith('.yaml'));

test('there are the two examples that people copy', () => {
  expect(examples).toEqual(expect.arrayContaining(['ixp.yaml', 'service-ha.yaml']));
});

test.each(examples)('%s has no faults', (file) => {
  expect(loadConfig(`${folder}/${file}`)).toMatchObject({ ok: true });
});

test.each(examples)('%s gives no warning', (file) => {
  const config = configOf(readFileSync(`${folder}/${file}`, 'utf8'));
  expect(warningsOf(config)).toEqual([]);
});

test.each(examples)('%s names the schema beside it, so that editors find it', (file) => {
  const [line] = readFileSync(`${folder}/${file}`, 'utf8').split('\n');
  expect(line).toBe('# yaml-language-server: $schema=./fingerpost.schema.json');
  const schema = `${folder}/fingerpost.schema.json`;
  expect(readFileSync(schema, 'utf8')).toBe(publishedSchema());
  // `npm pack` leaves links out.
  expect(lstatSync(schema).isFile()).toBe(true);
});

test('the exchange has 20 members with two sessions each', () => {
  const outcome = loadConfig(`${folder}/ixp.yaml`);
  const peers = outcome.ok ? outcome.config.peers : [];
  expect(peers.length).toBe(40);
  expect(new Set(peers.map((peer) => peer.node)).size).toBe(20);
});

test('the service example has the addresses and hold times of the lab', () => {
  const outcome = loadConfig(`${folder}/service-ha.yaml`);
  const config = outcome.ok ? outcome.config : undefined;
  expect(config).toMatchObject({ routerIdText: '1.1.1.9', localAs: 65002 });
  expect(config?.peers.map((peer) => peer.addressText)).toEqual([
    '2001:db8:6::11',
    '2001:db8:7::12',
    '2001:db8:8::13',
    '2001:db8:1::2',
    '2001:db8:1::3',
    '2001:db8:1::6',
    '2001:db8:1::7',
    '2001:db8:1::8',
  ]);
  expect(config?.peers.every((peer) => peer.holdTimeSec === 6)).toBe(true);
});

test('a misspelt key in an example is reported with the right one', () => {
  const text = readFileSync(`${folder}/service-ha.yaml`, 'utf8');
  const broken = text.replace('hold_time: 6', 'hold_tiem: 6');
  expect(problemsOf(broken)).toEqual([
    expect.stringMatching(/^\d+:5 hold_tiem: unknown key; did you mean hold_time\?$/),
  ]);
});
