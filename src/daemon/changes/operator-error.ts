import { StateDirError } from '#history/state-file.ts';
import { ListenError as HttpListenError } from '#http/listen/listen-error.ts';
import { ConnectionFilterError } from '#net/connection-guard.ts';
import { ListenError } from '#net/listener.ts';
import { Md5KeyError } from '#net/md5-keys.ts';
import { PrivilegeError } from '../process/privileges.ts';

/** Returns whether an operator can fix the error: its message says how, and a stack trace would not help. */
export function isOperators(error: unknown): error is Error {
  return kinds.some((kind) => error instanceof kind);
}

const kinds = [
  StateDirError,
  ListenError,
  HttpListenError,
  ConnectionFilterError,
  Md5KeyError,
  PrivilegeError,
];
