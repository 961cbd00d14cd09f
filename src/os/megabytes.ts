/** Returns `36 MiB`, rounded. */
export function megabytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}
