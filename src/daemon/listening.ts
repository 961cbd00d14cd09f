import type { Config } from '../config/config.ts';
import type { ListenAt } from '../net/listener.ts';
import { everyAddress } from '../net/listener.ts';
import type { Md5Entry } from '../net/md5-keys.ts';

/** Where BGP is listened for. */
export function placesOf({ listen }: Config): readonly ListenAt[] {
  return listen.length > 0 ? listen : everyAddress(179);
}

/** The TCP MD5 keys of all who may call. Two peers with one link-local address have one key. */
export function md5Entries({ peers }: Config): Md5Entry[] {
  const entries = peers.flatMap(({ name, address, password }): Md5Entry[] =>
    password === undefined ? [] : [{ owner: `peer ${name}`, address, key: password.reveal() }],
  );
  return [...new Map(entries.map((entry) => [entry.address.join(), entry])).values()];
}
