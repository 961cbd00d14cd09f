import { join } from 'node:path';
import { allowedPrefixes } from '../addresses.ts';
import type { Contender } from './contender.ts';
import { fingerpost } from './fingerpost.ts';

/** Ours with every prefix of the workload an address of a service, and with a `state_dir` or without. */
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
