import { hostname } from 'node:os';
import { expect, it } from 'vitest';
import { MessageType, open } from '#support/raw-message.ts';
import { Bench, openFields } from './bench.ts';

const peers = 'peers: [{ name: W1, address: 127.0.1.1, peer_as: 65001, passive: true }]\n';
const [host, ...domain] = hostname().split('.');
const fqdn = Buffer.from([host.length, ...Buffer.from(host)]);
const named = Buffer.concat([fqdn, Buffer.from([domain.join('.').length])]);
const version = Buffer.from([16, ...Buffer.from('fingerpost/0.0.0')]);

it.each([
  ['', false, false],
  ['announce: { fqdn: true }\n', true, false],
  ['announce: { software_version: true }\n', false, true],
  ['announce: { fqdn: true, software_version: true }\n', true, true],
])('%j', async (announce, hasName, hasVersion) => {
  const bench = await Bench.start(announce + peers);
  const speaker = bench.call('127.0.1.1');
  speaker.send(open(openFields));
  const { body } = await speaker.next(MessageType.open);
  expect(body.includes(Buffer.from([73, named.length + domain.join('.').length]))).toBe(hasName);
  expect(body.includes(named)).toBe(hasName);
  expect(body.includes(Buffer.concat([Buffer.from([75, 17]), version]))).toBe(hasVersion);
  await bench.close();
});

it('switched by a reload, it resets no session, and is in the next OPEN, and shown', async () => {
  const bench = await Bench.start(peers);
  const first = await bench.establish('127.0.1.1');
  const outcome = await bench.reload(`announce: { software_version: true }\n${peers}`);
  expect(outcome).toEqual({ ok: true, message: 'reloaded; applied: announce' });
  expect([first.isClosed, bench.peer('W1').flaps]).toEqual([false, 0]);
  first.close();
  await bench.until('the session has ended', () => bench.peer('W1').state !== 'established');
  const second = await bench.establish('127.0.1.1');
  const haveVersion = [first, second].map((speaker) =>
    speaker.of(MessageType.open)[0].body.includes(version),
  );
  expect(haveVersion).toEqual([false, true]);
  const sent = bench.peer('W1').capabilities.sent.find(({ code }) => code === 75);
  expect(sent).toEqual({ code: 75, name: 'software_version', value: 'fingerpost/0.0.0' });
  await bench.close();
});
