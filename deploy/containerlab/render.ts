/**
 * The lab of deploy/lab for containerlab: writes the topology and a folder for each host into the folder
 * given, `fingerpost-clab` if none is. Then, where Docker and containerlab are:
 *
 *   docker build -f deploy/docker/Dockerfile -t fingerpost .
 *   docker build -f deploy/containerlab/Dockerfile -t fingerpost-lab .
 *   containerlab deploy -t fingerpost-clab/fingerpost.clab.yml
 *   docker exec clab-fingerpost-RS9 fingerpost show services
 *   docker exec clab-fingerpost-ER2 birdc -s /run/bird.ctl show protocols
 *   docker exec clab-fingerpost-W1 pkill nginx                                  a failover
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { hosts } from '../lab/plan.ts';
import { hostFiles } from './host-files.ts';
import { labTopology, switchScript } from './topology.ts';

const [, , out = 'fingerpost-clab'] = process.argv;
for (const host of hosts) {
  const folder = join(out, host.name);
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(hostFiles(host))) {
    writeFileSync(join(folder, name), text);
  }
}
writeFileSync(join(out, 'switch.sh'), switchScript);
const file = join(out, 'fingerpost.clab.yml');
writeFileSync(file, stringify(labTopology('fingerpost'), { lineWidth: 0 }));
process.stdout.write(`${file}\n`);
