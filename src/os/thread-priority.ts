import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';
import { basename } from 'node:path';

/**
 * Sets the nice value of the calling thread, -20 (first) to 19 (last), and of no other: Linux takes the id of a thread
 * where POSIX has a process. Returns false where the limits forbid it, as they do to a user without CAP_SYS_NICE whose
 * RLIMIT_NICE does not allow it (systemd: LimitNICE=). It counts only against threads of the same cgroup or autogroup
 * (sched(7)), so not against other services.
 */
export function setThreadNice(nice: number): boolean {
  try {
    setPriority(Number(basename(readlinkSync('/proc/thread-self'))), nice);
    return true;
  } catch {
    return false;
  }
}
