import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { replayFile } from '#replay/replay-files.ts';
import { Replay } from '#replay/replay.ts';
import { type Host, Network } from '#support/netns.ts';
import { describeInterop } from '#support/requirements.ts';
import { waitFor } from '#support/wait.ts';
import { parsePrefix } from '#text/prefix.ts';
import { configOf } from '../config/files.ts';
import { mrtMakes, type MrtServer } from './mrt-makes.ts';
import { sideOf, type SpeakersPlan, stage, type TwinRoute } from './twins/twins.ts';

const prefixes = ['198.51.100.0/24', '203.0.113.0/25', '203.0.113.128/25', '100.64.0.0/10'];

const plan: SpeakersPlan = {
  routeServer: { ipv4: '192.0.2.250' },
  peers: [1, 2].map((id) => ({
    name: `P${id}`,
    address: `192.0.2.${id}`,
    as: 64500 + id,
    routerId: `192.0.2.${id}`,
    announces: prefixes.slice(id - 1, id + 2).map((prefix, at): TwinRoute => ({
      prefix,
      nextHop: `192.0.2.${id}`,
      asPath: at === 0 ? [64500 + id] : [64500 + id, 4_200_000_000 + at],
      ...(at !== 1 && { med: 100 * id + at }),
      communities: ['64500:7'],
    })),
  })),
};

const config = configOf(`
router_id: 192.0.2.250
local_as: 64500
peer_groups:
  all: { families: [ipv4_unicast], import: all, export: all, accept_next_hop: any }
peers:
${plan.peers.map(({ name, address, as }) => `  - { name: ${name}, address: ${address}, peer_as: ${as}, group: all }`).join('\n')}
`);

/**
 * Returns the table after replaying the file: `PREFIX via NEXT-HOP path … med …`, in order; OpenBGPD shows no MED as
 * 0.
 */
async function replayed(file: string): Promise<string[]> {
  const replay = new Replay(config, {});
  await replayFile(replay, file);
  return prefixes
    .flatMap((prefix) =>
      (replay.server.explain(parsePrefix(prefix))?.candidates ?? []).map(
        ({ accepted, next_hop: via, as_path: path, med }) =>
          `${prefix} via ${via} path ${path.join(' ')} med ${med ?? 0} ${accepted}`,
      ),
    )
    .toSorted();
}

let network: Network;
afterEach(() => network.close());

/** Returns the newest file in the folder that is not empty and whose name begins like this. */
function newest(folder: string, start: string): string | undefined {
  const names = readdirSync(folder).filter((name) => name.startsWith(start));
  const files = names.map((name) => join(folder, name)).filter((file) => statSync(file).size > 0);
  return files.toSorted((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0];
}

for (const make of mrtMakes) {
  describeInterop(`MRT files of ${make.title}`, make.programs, () => {
    it.each(make.files)('%s: replayed, they result in the table that it shows', async (kind) => {
      network = new Network();
      let server: MrtServer | undefined;
      const twin = {
        label: make.title,
        start: (host: Host) => {
          server = make.start(host, plan);
        },
      };
      const speakers = stage(network, twin, plan);
      const begun = async () => {
        await server?.begin?.();
        return true;
      };
      await waitFor(`${make.title} to begin`, begun, Boolean, { seconds: 20, everyMs: 500 });
      await waitFor(
        'both sessions',
        () => sideOf(speakers).hasBeenUp.size,
        (count) => count === plan.peers.length,
        { seconds: 60 },
      );
      const shown = await waitFor(
        'six routes',
        async () => (await server?.routes()) ?? [],
        (rows) => rows.length === 6,
        { seconds: 30 },
      );
      const wanted = shown
        .map(
          ({ prefix, nextHop, asPath, med }) =>
            `${prefix} via ${nextHop} path ${asPath.join(' ')} med ${med ?? 0} true`,
        )
        .toSorted();
      const folder = server?.folder ?? '';
      const found = await waitFor(
        'the file to have all of it',
        async () => {
          const file = newest(folder, kind);
          return file === undefined || !existsSync(file) ? [] : replayed(file);
        },
        (rows) => rows.length >= wanted.length,
        { seconds: 60 },
      );
      expect(found).toEqual(wanted);
    });
  });
}
