import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RunningLab } from './running-lab.ts';

/** Builds the lab, or repairs one that exists. If that fails, nothing is left. */
export async function bringUp(lab: RunningLab): Promise<void> {
  if (lab.network.exists) return lab.settle();
  const release = removeUnlessReleased(lab);
  try {
    lab.network.remove();
    lab.network.build();
    await lab.settle();
  } catch (error) {
    lab.network.remove();
    throw error;
  } finally {
    release();
  }
}

/** Gives `work` a lab that is removed afterwards, however this process ends. */
export async function inOwnLab<Result>(
  work: (lab: RunningLab) => Promise<Result>,
  hasBfd = false,
): Promise<Result> {
  const lab = new RunningLab(`lab${process.pid}x${randomBytes(2).toString('hex')}`, hasBfd);
  const release = removeUnlessReleased(lab);
  try {
    lab.network.build();
    await lab.settle();
    return await work(lab);
  } finally {
    lab.network.remove();
    release();
  }
}

/** Gives `work` the lab that is up, repairs it afterwards, and lets no other process disturb it. */
export async function inSharedLab<Result>(
  lab: RunningLab,
  work: (lab: RunningLab) => Promise<Result>,
): Promise<Result> {
  const lock = join(lab.network.folder, 'busy');
  try {
    writeFileSync(lock, `${process.pid}\n`, { flag: 'wx' });
  } catch {
    throw new Error(`somebody is at work in this lab; if not, remove ${lock}`);
  }
  const unlock = (): void => rmSync(lock, { force: true });
  process.once('exit', unlock);
  const forget = onSignal(() => undefined);
  try {
    await lab.settle();
    const result = await work(lab);
    await lab.settle();
    return result;
  } finally {
    forget();
    unlock();
  }
}

/** Removes the lab on a signal, or when this process is killed; the returned function cancels that. */
function removeUnlessReleased(lab: RunningLab): () => void {
  const keep = lab.network.removeWhenDead();
  const forget = onSignal(() => lab.network.remove());
  return () => {
    forget();
    keep();
  };
}

const signals = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** Acts, then ends with the status that shells give to a death by this signal. */
function onSignal(act: () => void): () => void {
  const handlers = Object.entries(signals).map(([signal, status]) => {
    const handler = (): void => {
      act();
      process.exit(status);
    };
    process.once(signal, handler);
    return () => process.off(signal, handler);
  });
  return () => {
    for (const forget of handlers) forget();
  };
}
