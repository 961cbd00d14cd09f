/** Returns the processor time that the calling thread has used, in milliseconds. */
export function threadUsedMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
