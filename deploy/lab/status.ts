import { preference, services } from './plan.ts';
import type { RunningLab } from './running-lab.ts';
import { textTable } from './text-table.ts';

/**
 * Prints who is up, who is best on which route server, and who serves through which router; returns true if everything
 * is as published.
 */
export async function printStatus(lab: RunningLab): Promise<boolean> {
  if (!lab.network.exists) {
    console.log(`no lab ${lab.network.name}`);
    return false;
  }
  console.log(`${await routeServerTable(lab)}\n\n${kernelTable(lab)}\n`);
  const missing = await lab.missing();
  const verdict = missing.length === 0 ? 'all as published' : missing.join('\n');
  console.log(`lab ${lab.network.name} (${lab.network.folder}): ${verdict}`);
  return missing.length === 0;
}

async function routeServerTable(lab: RunningLab): Promise<string> {
  const rows = lab.routeServers.map(async (routeServer) => {
    const title = `${routeServer.name} ${routeServer.make}`;
    if (!routeServer.isRunning) return [title, 'stopped', ...services.map(() => '')];
    const [up, candidates] = await Promise.all([
      routeServer.established().catch(() => []),
      routeServer.candidates().catch(() => []),
    ]);
    const ranked = services.map((address) =>
      candidates
        .filter(({ prefix }) => prefix === `${address}/128`)
        .map(({ node, med }) => `${node} ${med}`)
        .join(', '),
    );
    return [title, `${up.length}/8`, ...ranked];
  });
  return textTable([['', 'sessions', ...services], ...(await Promise.all(rows))]);
}

function kernelTable(lab: RunningLab): string {
  const watch = lab.watchKernels();
  watch.close();
  const rows = lab.routers.map(({ name }) => [
    `${name} leads to`,
    ...services.map((address) => watch.node(name, address) ?? 'nobody'),
  ]);
  const wanted = ['published', ...services.map((address) => preference[address][0])];
  return textTable([['', ...services], ...rows, wanted]);
}
