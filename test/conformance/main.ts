/**
 * npm run conformance -- --against bird,frr,gobgp,openbgpd [--only WORDS]
 *
 * Plays the suite against fingerpost, and against the daemons named: where they differ, one of us is
 * wrong, or an RFC leaves it open. Exit 1 when fingerpost differs.
 */
import { parseArgs } from 'node:util';
import { bird } from './daemons/bird.ts';
import type { Candidate, Make } from './daemons/candidate.ts';
import { fingerpost } from './daemons/fingerpost.ts';
import { frr } from './daemons/frr.ts';
import { gobgp } from './daemons/gobgp.ts';
import { openbgpd } from './daemons/openbgpd.ts';
import { aloneText, differencesText, matrixText, summaryText } from './matrix.ts';
import { play, type Result } from './play.ts';
import { suite } from './suite.ts';

const others: readonly Candidate[] = [bird, frr, gobgp, openbgpd];

const { values } = parseArgs({
  options: { against: { type: 'string', default: '' }, only: { type: 'string', default: '' } },
});
const candidates = [fingerpost, ...values.against.split(',').filter(Boolean).map(candidateNamed)];
const cases = suite.filter(({ group, name }) => `${group}: ${name}`.includes(values.only));

const played = new Map<Make, readonly Result[]>();
for (const candidate of candidates) {
  process.stderr.write(`${candidate.make}: ${cases.length} cases\n`);
  played.set(candidate.make, await play(candidate, cases));
}
const print = (title: string, text: string): void => {
  process.stdout.write(`\n== ${title}\n${text}\n`);
};
print('Cases', matrixText(played));
print('Differences', differencesText(played));
if (played.size > 1) print('Where no other daemon does as we do', aloneText(played));
print('Summary', summaryText(played));
process.exitCode = played.get('fingerpost')?.some(({ verdict }) => verdict !== 'pass') ? 1 : 0;

function candidateNamed(name: string): Candidate {
  const found = others.find(({ make }) => make === name);
  if (found === undefined) {
    process.stderr.write(`${name}: not one of ${others.map(({ make }) => make).join(', ')}\n`);
    process.exit(2);
  }
  if (found.program !== undefined) return found;
  process.stderr.write(`${name} is not installed: sh test/support/install.sh\n`);
  process.exit(2);
}
