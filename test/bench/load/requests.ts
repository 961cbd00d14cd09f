import { request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { loopFigures } from '../daemons/loop-figures.ts';
import type { Figures, Measures } from '../measures.ts';
import { requests } from '../requests.ts';

/** The first time, code is loaded and compiled; the last time it is warm. The longest slice of all times counts. */
const times = 3;
/** A slice that follows the answer counts too. */
const afterMs = 100;

const [control, loop] = process.argv.slice(2);

/** Sends each request of the list and prints its figures: CPU time (of the last time) and slices in ms, bytes. */
async function main(): Promise<void> {
  const measures: Record<string, Figures> = {};
  for (const { name, path } of requests) measures[name] = await figuresOf(path);
  process.stdout.write(JSON.stringify(measures satisfies Measures));
}

async function figuresOf(path: string): Promise<Figures> {
  let [sliceMs, turnMs, cpuMs, bytes] = [0, 0, 0, 0];
  for (let time = 0; time < times; time++) {
    await loopFigures(loop);
    bytes = await ask(path);
    await pause(afterMs);
    const figures = await loopFigures(loop);
    sliceMs = Math.max(sliceMs, figures.sliceMs);
    turnMs = Math.max(turnMs, figures.turnMs);
    cpuMs = figures.cpuMs;
  }
  return { sliceMs, turnMs, cpuMs, bytes };
}

/** Reads the answer to its end, and returns its length. */
function ask(path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath: control, path }, (answer) => {
      let bytes = 0;
      answer.on('data', (part: Uint8Array) => (bytes += part.length));
      answer.on('end', () => {
        if (answer.statusCode === 200) resolve(bytes);
        else reject(new Error(`${path} was answered with ${answer.statusCode}`));
      });
    });
    asked.on('error', reject).end();
  });
}

await main();
