import { join } from 'node:path';
import { allowedPrefixes } from '../addresses.ts';
import type { Contender } from './contender.ts';
import { fingerpost } from './fingerpost.ts';

/** Our daemon with every prefix of the workload as an address of a service, with or without a `state_dir`. */
export function withService(hasHistory: boolean): Contender {
  const plain = fingerpost([]);
  return {
    ...plain,
    launch: (task) => {
      const { files, argv } = plain.launch(task);
      const { network, fromBits, toBits } = allowedPrefixes[task.family];
      const service = `services: [{ name: web, prefix: ["${network}{${fromBits},${toBits}}"] }]\n`;
      const state = hasHistory ? `state_dir: ${join(task.folder, 'state')}\n` : '';
      const name = 'fingerpost.yaml';
      return { argv, files: { ...files, [name]: files[name] + service + state } };
    },
  };
}
