import process from 'node:process';
import { isMainThread } from 'node:worker_threads';

// Imported before the daemon by `node --import`: from the first SIGUSR2 on its heap grows, a little in each turn of the
// loop, and nothing of it can be collected.
if (isMainThread) {
  process.once('SIGUSR2', () => {
    const kept = [];
    const grow = () => {
      for (let more = 0; more < 1000; more++) kept.push({ at: kept.length });
      setImmediate(grow);
    };
    grow();
  });
}
