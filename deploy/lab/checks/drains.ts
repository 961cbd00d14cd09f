import { waitFor } from '#support/wait.ts';
import { Connections } from '../connections.ts';
import { servedWithout } from '../plan.ts';
import { Requests } from '../requests.ts';
import type { CliResult } from '../rs9.ts';
import { published } from '../running-lab.ts';
import { type Check, lostText, must, mustEqual, patienceSec, type Stage } from './check.ts';

const withoutW1 = servedWithout('W1');
const perSecond = 200;
const w1Address = '2001:db8:30::3';
const w1 = ['drain', '--node', 'w1'] as const;

/** A node is taken out for maintenance, by a drain on RS9 and at the node itself, and put back. */
export const drainChecks: readonly Check[] = [
  { title: 'a drain is effective only when five kernels have moved', short: true, run: moved },
  { title: 'what is drained, and what is refused', short: true, run: drained(targets) },
  { title: 'two operators drain at once', short: true, run: drained(twoOperators) },
  { title: 'a drain outlives RS9, stopped and killed', run: drained(restarts) },
  { title: "a drain's time ends during an incident", short: true, run: drained(overdue) },
];

/** Nothing stays drained, however the check ends. */
function drained(run: Check['run']): Check['run'] {
  return async (stage) => {
    try {
      return await run(stage);
    } finally {
      await stage.lab.rs9.cli('undrain', '--all');
    }
  };
}

async function moved(stage: Stage): Promise<string> {
  const { host } = stage.lab.client;
  const many = new Requests(host, perSecond);
  const connections = new Connections(host, w1Address);
  try {
    await Promise.all([many.running(), connections.open()]);
    return await drained(() => drainAndBack(stage, many, connections))(stage);
  } finally {
    many.close();
    connections.close();
  }
}

async function drainAndBack(
  { lab, kernels }: Stage,
  many: Requests,
  connections: Connections,
): Promise<string> {
  const since = Date.now();
  const first = await lab.rs9.cli(...w1, '--wait', 'effective', '--timeout', '2s');
  mustEqual('siblings offer W1 still: exit status', first.code, 1);
  // Sentences are broken where the terminal ends.
  const said = first.stdout.replaceAll(/\s+/g, ' ');
  for (const words of ['RS4 sends w1', "health check's disable file", 'moves routes']) {
    must(said.includes(words), `drain does not say "${words}": ${first.stdout}`);
  }
  must(kernels.serves(published), `moved by RS9 alone: ${kernels.differences(published).join()}`);
  const disabledAt = Date.now();
  lab.node('W1').disable();
  const second = await lab.rs9.cli(...w1, '--wait', 'effective');
  const differences = kernels.differences(withoutW1);
  const seconds = ((Date.now() - disabledAt) / 1000).toFixed(1);
  must(second.code === 0, `not effective: ${second.stdout}${second.stderr}`);
  must(differences.length === 0, `effective, but ${differences.join('; ')}`);
  const cut = { downloads: connections.cut('download'), clients: connections.cut('keep-alive') };
  const lost = await many.lostSince(since, kernels.wereApart);
  must(lost === 0, lostText(lost));
  const asked = many.answers.filter(({ askedAt }) => askedAt >= since).length;
  const short = `${asked} short requests, ${lostText(lost)}, ${many.cutSince(since)} cut`;
  await backInService(lab.rs9, () => lab.node('W1').enable());
  await kernels.until(published, patienceSec);
  const lostAfter = await many.lostSince(since, kernels.wereApart);
  must(lostAfter === 0, `back in service: ${lostText(lostAfter)}`);
  const long = `${cut.downloads} of 10 downloads and ${cut.clients} of 10 keep-alive clients cut`;
  return `effective ${seconds} s after the disable file, five kernels moved; ${short}; ${long}`;
}

/** Ends the drain by its id, which the list shows. */
async function backInService(rs9: Stage['lab']['rs9'], enable: () => void): Promise<void> {
  const [drain] = await rs9.drains();
  enable();
  succeeded(await rs9.cli('undrain', drain.id), 'no longer drained: node w1');
}

async function targets({ lab: { rs9 } }: Stage): Promise<string> {
  const { code, stderr } = await rs9.cli('drain', '--site', 'dc1');
  mustEqual('two of three nodes: exit status', code, 1);
  must(stderr.includes('drain of site dc1 refused'), stderr);
  succeeded(await rs9.cli('drain', '--site', 'dc2'), 'site dc2 is drained');
  const second = await rs9.cli(...w1);
  mustEqual('a second node: exit status', second.code, 1);
  succeeded(await rs9.cli('undrain', '--all'), 'no longer drained: site dc2');
  succeeded(await rs9.cli('drain', '--site', 'dc1', '--force'), 'site dc1 is drained');
  const best = (await rs9.candidates()).filter((each) => each.best).map(({ node }) => node);
  mustEqual('with dc1 drained, best at RS9', [...new Set(best)], ['W3']);
  succeeded(await rs9.cli('undrain', '--site', 'dc1'), 'no longer drained: site dc1');
  succeeded(await rs9.cli(...w1), 'node w1 is drained');
  succeeded(await rs9.cli('undrain', '--node', 'w1'), 'no longer drained: node w1');
  mustEqual('drains left', await rs9.drains(), []);
  return 'a site of one node, two only by force, nothing below min_healthy; undone by name and all';
}

/**
 * The guard's decision and the beginning of the drain are one step: of two drains that are each harmless alone, one is
 * refused.
 */
async function twoOperators({ lab: { rs9 } }: Stage): Promise<string> {
  const both = await Promise.all([rs9.cli(...w1), rs9.cli('drain', '--node', 'w2')]);
  mustEqual('exit statuses', both.map(({ code }) => code).toSorted(), [0, 1]);
  mustEqual('drains', (await rs9.drains()).length, 1);
  await rs9.cli('undrain', '--all');
  const same = await Promise.all([rs9.cli(...w1), rs9.cli(...w1)]);
  mustEqual(
    'exit statuses',
    same.map(({ code }) => code),
    [0, 0],
  );
  const told = same.filter(({ stderr }) => stderr.includes('node w1 is drained since'));
  mustEqual('told that it is drained already', told.length, 1);
  mustEqual('drains', (await rs9.drains()).length, 1);
  return 'two nodes: one is refused; one node: once, the other is told since when';
}

async function restarts({ lab, requests }: Stage): Promise<string> {
  const since = Date.now();
  succeeded(await lab.rs9.cli(...w1), 'node w1 is drained');
  const [before] = await lab.rs9.drains();
  for (const end of [() => lab.rs9.stop(), () => lab.rs9.kill()]) {
    await end();
    lab.rs9.start();
    await waitFor(
      'RS9 to have the node back, behind the others',
      async () => (await lab.rs9.candidates().catch(() => [])).filter(({ node }) => node === 'W1'),
      (paths) => paths.length === 3 && paths.every(({ best }) => !best),
      { seconds: patienceSec },
    );
    const [after] = await lab.rs9.drains();
    mustEqual('after the restart', [after.id, after.since], [before.id, before.since]);
  }
  const lost = await requests.lostSince(since);
  must(lost === 0, lostText(lost));
  return `${before.id} stays, W1 is never best at RS9, no request lost`;
}

/** Traffic must not be sent back into an incident: the drain stays until an operator ends it, and says why. */
async function overdue({ lab }: Stage): Promise<string> {
  const node = lab.node('W1');
  await node.stopWeb();
  await waitFor(
    'RS9 to hear that W1 is down',
    async () => (await lab.rs9.candidates()).filter((each) => each.node === 'W1'),
    (paths) => paths.every(({ med }) => med >= 1000),
    { seconds: patienceSec },
  );
  succeeded(await lab.rs9.cli(...w1, '--ttl', '1s'), 'node w1 is drained');
  const [drain] = await waitFor(
    'the drain to be overdue',
    () => lab.rs9.drains(),
    ([one]) => one.overdue !== undefined,
  );
  must(drain.overdue?.includes('down') === true, `overdue: ${drain.overdue}`);
  succeeded(await lab.rs9.cli('show', 'drains'), `${drain.id} is overdue`);
  must(lab.rs9.log().includes('drain_overdue'), 'its log has no drain_overdue');
  const { code, stderr } = await lab.rs9.cli('undrain', drain.id);
  must(code === 0 && stderr.includes('node w1: w1 says that it is down'), `undrain: ${stderr}`);
  node.startWeb();
  return `stays: ${drain.overdue}; undrain warns`;
}

function succeeded({ code, stdout, stderr }: CliResult, says: string): void {
  must(code === 0 && stdout.includes(says), `not "${says}": ${stdout}${stderr}`);
}
