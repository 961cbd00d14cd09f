import { findUser, joinGroupsOf, type User } from '#os/user.ts';

/** The process cannot become the configured `user`; the message says why. */
export class PrivilegeError extends Error {}

/**
 * Returns the user that the process has to become; `undefined` if it already is that user. To be called before anything
 * is opened. Throws PrivilegeError.
 */
export function userToBecome(name: string): User | undefined {
  const user = findUser(name);
  if (user === undefined)
    throw new PrivilegeError(`user: there is no user ${name} on this machine`);
  if (process.getuid?.() === user.uid) return undefined;
  if (process.geteuid?.() === 0) return user;
  throw new PrivilegeError(
    `user: only root can switch to ${name}; start as root, or start as ${name} and remove the key user`,
  );
}

/** Gives up all groups and rights of root for good. */
export function become(user: User): void {
  joinGroupsOf(user);
  process.setgid?.(user.gid);
  process.setuid?.(user.uid);
  if (canReturn()) throw new PrivilegeError(`user: switching from root to ${user.name} failed`);
}

function canReturn(): boolean {
  try {
    process.setuid?.(0);
    return true;
  } catch {
    return false;
  }
}
