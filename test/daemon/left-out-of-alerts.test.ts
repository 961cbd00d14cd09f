import { afterEach, beforeEach, expect, it } from 'vitest';
import { atOnce } from '#daemon/in-slices.ts';
import { scrapeOf } from '#http/metrics/metric-row.ts';
import { metricRows } from '#http/metrics/metric-rows.ts';
import { nodeAttributes, update } from '#support/raw-message.ts';
import type { RawSpeaker } from '#support/raw-speaker.ts';
import { Bench } from './bench.ts';
import { ShiftedClock } from './shifted-clock.ts';

const hourMs = 3_600_000;
const config = `
start_gate: 0
peer_groups:
  nodes: { peer_as: 65001, passive: true, import: all, accept_next_hop: any }
peers:
  - { name: W1, address: 127.0.1.1, group: nodes }
  - { name: ER2, address: 127.0.1.2, peer_as: 65001, passive: true, export: all, shadow: true }
peer_ranges:
  - { range: 127.0.2.0/24, group: nodes }
services:
  - name: web
    prefix: ["10.0.0.0/8{24,24}"]
    home: { "10.0.0.0/24": W1 }
`;

let bench: Bench;
let clock: ShiftedClock;
beforeEach(async () => {
  clock = new ShiftedClock();
  bench = await Bench.start(config, { clock });
});
afterEach(() => bench.close());

/** The labels and the value of each sample of the metric that has these labels. */
function samples(name: string, labels: Record<string, string> = {}) {
  const row = metricRows.find((one) => one.name === name);
  const scrape = atOnce(scrapeOf({ queries: bench.queries, clock, sseClients: () => 0 }));
  const found = [...(row?.samples(scrape) ?? [])];
  return found
    .filter((one) => Object.entries(labels).every(([key, value]) => one.labels[key] === value))
    .map(({ value }) => value);
}

const attributes = nodeAttributes([192, 0, 2, 1]);
/** Announces 10.0.0.0/24, which has a home, and 10.0.1.0/24, which only the pattern covers. */
const prefixes = Buffer.from([24, 10, 0, 0, 24, 10, 0, 1]);
const none = Buffer.alloc(0);

async function announce(speaker: RawSpeaker): Promise<void> {
  speaker.send(update(attributes, prefixes, none));
  await bench.until('the routes', () => bench.peer('W1').prefixes.accepted === 2);
}

it('a peer of a range is up, and no longer down once it has left', async () => {
  const speaker = await bench.establish('127.0.2.7');
  const peer = { peer: '127.0.2.7' };
  expect(samples('fingerpost_peer_up', peer)).toEqual([1]);
  speaker.close();
  await bench.until('the end', () => bench.peer('127.0.2.7').state !== 'established');
  expect(samples('fingerpost_peer_up', peer)).toEqual([]);
  expect(samples('fingerpost_peer_up', { peer: 'W1' })).toEqual([0]);
});

it('a client with shadow: true has no series of advertised prefixes', async () => {
  await bench.establish('127.0.1.2');
  const table = 'advertised';
  expect(samples('fingerpost_peer_prefixes', { peer: 'ER2', table })).toEqual([]);
  expect(samples('fingerpost_peer_prefixes', { peer: 'ER2', table: 'received' })).not.toEqual([]);
  expect(samples('fingerpost_peer_prefixes', { peer: 'W1', table })).not.toEqual([]);
});

const dark = (prefix: string) => samples('fingerpost_service_paths', { prefix });

it('an address that was only seen is dark for a day, then retired; one with a home stays', async () => {
  const speaker = await bench.establish('127.0.1.1');
  await announce(speaker);
  speaker.send(update([], none, prefixes));
  await bench.until('the withdrawal', () => bench.peer('W1').prefixes.accepted === 0);
  speaker.close();
  await bench.until('the end', () => bench.peer('W1').state !== 'established');
  clock.pass(23 * hourMs);
  expect(dark('10.0.1.0/24')).toEqual([0]);
  clock.pass(hourMs);
  expect(dark('10.0.1.0/24')).toEqual([]);
  expect(dark('10.0.0.0/24')).toEqual([0]);
  await announce(await bench.establish('127.0.1.1'));
  expect(dark('10.0.1.0/24')).toEqual([1]);
});
