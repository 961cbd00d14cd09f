import type { Clock } from '#clock.ts';
import { Announcer } from './announcer.ts';
import type { ChildMessage, HealthMessage } from './messages.ts';
import { nodes, routers } from './plan.ts';
import { Router } from './router.ts';

/** The role of a process of the demo, given by arguments after `demo` that only the demo itself uses. */
export type Role =
  | {
      readonly kind: '_announcer';
      readonly name: string;
      readonly port: number;
      readonly isHealthy: boolean;
    }
  | { readonly kind: '_router'; readonly name: string; readonly port: number };

/** Returns arguments such as `_announcer W1 11790 failed` or `_router ER2 11790`. */
export function roleArgs(role: Role): string[] {
  const args = [role.kind, role.name, String(role.port)];
  return role.kind === '_router' ? args : [...args, role.isHealthy ? 'up' : 'failed'];
}

/** Parses what `roleArgs` returned; `undefined` for others. */
export function roleOf([kind, name = '', port, health]: readonly string[]): Role | undefined {
  if (kind === '_router') return { kind, name, port: Number(port) };
  if (kind === '_announcer')
    return { kind, name, port: Number(port), isHealthy: health !== 'failed' };
  return undefined;
}

/** Acts as a node or a router until `signal`; resolves to the exit status. */
export async function playRole(role: Role, clock: Clock, signal: AbortSignal): Promise<number> {
  const player = role.kind === '_router' ? makeRouter(role, clock) : makeAnnouncer(role, clock);
  if (player === undefined) return 2;
  player.start();
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await player.stop();
  return 0;
}

function makeAnnouncer(
  { name, port, isHealthy }: Extract<Role, { kind: '_announcer' }>,
  clock: Clock,
): Announcer | undefined {
  const plan = nodes.find((node) => node.name === name);
  if (plan === undefined) return undefined;
  const announcer = new Announcer({ plan, port, clock, isHealthy, tell });
  process.on('message', (message: HealthMessage) => announcer.setHealth(message.isHealthy));
  return announcer;
}

function makeRouter({ name, port }: Role, clock: Clock): Router | undefined {
  const plan = routers.find((router) => router.name === name);
  return plan === undefined ? undefined : new Router({ plan, port, clock, tell });
}

/** A demo that has just ended no longer accepts messages. */
function tell(message: ChildMessage): void {
  if (process.connected === true) process.send?.(message, () => undefined);
}
