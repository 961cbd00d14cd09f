import type { StateName } from '#api/names.ts';

/** States as BIRD writes them. */
export const bgpStates: Readonly<Record<StateName, string>> = {
  idle: 'Idle',
  connect: 'Connect',
  active: 'Active',
  open_sent: 'OpenSent',
  open_confirm: 'OpenConfirm',
  established: 'Established',
};

/** Returns a policy as `show protocols all` writes a filter. */
export function filterText(policy: string): string {
  if (policy === 'all') return 'ACCEPT';
  return policy === 'none' ? 'REJECT' : policy;
}
