import koffi from 'koffi';
import { check, libc } from './libc.ts';

/** An account of this machine, wherever it is stored (passwd(5), LDAP). */
export interface User {
  readonly name: string;
  readonly uid: number;
  /** Its primary group. */
  readonly gid: number;
}

/** The head of struct passwd (pwd.h), the same in glibc and musl. */
const passwdHead = { name: 'char *', password: 'char *', uid: 'uint32_t', gid: 'uint32_t' };

/** Returns `undefined` if there is no user of that name. */
export function findUser(name: string): User | undefined {
  const found = libc().getpwnam(name);
  if (found === null) return undefined;
  const { uid, gid }: Omit<User, 'name'> = koffi.decode(found, koffi.struct(passwdHead));
  return { name, uid, gid };
}

/** Puts the process into this user's groups and no others; needs root. Throws SocketError. */
export function joinGroupsOf({ name, gid }: User): void {
  check('initgroups', libc().initgroups(name, gid));
}
