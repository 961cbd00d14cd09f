import { expect, test } from 'vitest';
import { systemClock } from '#clock.ts';
import { loadRecorded } from '#config/load-recorded.ts';
import { DaemonCommands } from '#daemon/changes/commands.ts';
import { DaemonQueries } from '#daemon/views/daemon-queries.ts';
import { answerPlaces, OpenAnswers, streamPlaces } from '#http/answers/open-answers.ts';
import { Turns } from '#http/answers/turns.ts';
import { Connections } from '#http/connections.ts';
import { createMetrics } from '#http/metrics/metrics.ts';
import { OneAtATime } from '#http/one-at-a-time.ts';
import { type App, createApp } from '#http/server.ts';
import { EventStream } from '#http/stream.ts';
import { dice, type Dice } from '#support/dice.ts';
import { readCorpus } from './corpus.ts';
import { Generator } from './generator.ts';
import { World } from './world.ts';

const paths = [
  '/api/v1/status',
  '/api/v1/peers',
  '/api/v1/peers/N1',
  '/api/v1/peers/N1/received',
  '/api/v1/peers/H1/rejected',
  '/api/v1/peers/R1/advertised',
  '/api/v1/peers/H1/reset',
  '/api/v1/routes',
  '/api/v1/routes/10.0.0.0%2F8',
  '/api/v1/explain',
  '/api/v1/services',
  '/api/v1/config',
  '/api/v1/config/check',
  '/metrics',
  '/livez',
  '/openapi.json',
  '/birdwatcher/protocols',
  '/birdwatcher/routes/noexport/R1',
  '/birdwatcher/routes/table/master/filtered',
  '/birdwatcher/route/net/10.0.0.0/mask/8',
];
const keys = ['prefix', 'lookup', 'peer', 'limit', 'cursor', 'family', 'best', 'community', 'x'];
const values = [
  '10.0.0.0/8',
  '::/0',
  'fe80::1%25eth0',
  'longest',
  'R1',
  '-1',
  '1e9',
  'NaN',
  'true',
  '65000:*',
  'ipv6_unicast',
  '__proto__',
  '..%2F..%2Fetc%2Fpasswd',
  '%00',
  '%',
  '%E0%A4%A',
  'a'.repeat(9000),
];
const methods = ['GET', 'GET', 'GET', 'POST', 'HEAD', 'DELETE', 'PUT', 'OPTIONS'] as const;

/** The API of a daemon that hostile peers have filled, every write allowed. */
async function apiOf(world: World): Promise<App> {
  const { daemon } = world;
  const { events } = daemon;
  const commands = new DaemonCommands(
    daemon,
    {
      prepare: async () => ({ commit: () => undefined, rollback: async () => undefined }),
      end: () => undefined,
    },
    async (file, sent) => loadRecorded({ file, ...sent }),
  );
  const queries = new DaemonQueries(daemon, commands.reloads);
  const turns = new Turns(systemClock);
  const stream = new EventStream({ queries, events, clock: systemClock, turns });
  const metrics = createMetrics({
    queries,
    clock: systemClock,
    turns,
    sseClients: () => stream.clients,
  });
  const answers = new OpenAnswers(systemClock, answerPlaces);
  const streams = new OpenAnswers(systemClock, streamPlaces);
  const connections = new Connections();
  const whatIfs = new OneAtATime();
  const shared = { queries, commands, metrics, stream, turns, answers, streams, connections };
  const context = { ...shared, clock: systemClock, whatIfs };
  return createApp(context, 'control');
}

function urlOf(roll: Dice): string {
  const path = roll.chance(0.7) ? roll.pick(paths) : mangled(roll.pick(paths), roll);
  const pairs = Array.from(
    { length: roll.below(4) },
    () => `${roll.pick(keys)}=${roll.pick(values)}`,
  );
  return `${path}${pairs.length > 0 ? '?' : ''}${pairs.join('&')}`;
}

function mangled(path: string, roll: Dice): string {
  const at = roll.below(path.length);
  return path.slice(0, at) + roll.pick([...values, '/', '//', '?']) + path.slice(at + 1);
}

test('any request is answered, by what was asked for or by what is wrong with it', async () => {
  const roll = dice(7);
  const world = new World();
  const generator = new Generator(roll, readCorpus());
  for (let i = 0; i < 400; i++) await world.apply(generator.next(world));
  const api = await apiOf(world);
  for (let i = 0; i < 1_500; i++) {
    const method = roll.pick(methods);
    const url = urlOf(roll);
    const hasBody = method === 'POST' && roll.chance(0.5);
    const request = hasBody ? { method, url, payload: roll.pick(values) } : { method, url };
    const { statusCode, body } = await api.inject(request);
    expect(statusCode, `${method} ${url} ${body.slice(0, 300)}`).toBeLessThan(500);
  }
  await api.close();
});
