/** Returns the code of an error of the system or of Node, such as ENOENT; `undefined` if what was thrown has none. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
