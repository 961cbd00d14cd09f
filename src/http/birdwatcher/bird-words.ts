/** Returns a policy as `show protocols all` writes a filter. */
export function filterText(policy: string): string {
  if (policy === 'all') return 'ACCEPT';
  return policy === 'none' ? 'REJECT' : policy;
}
