/**
 * Run by link-local.test.ts inside a network namespace with an interface `veth0` whose address is
 * fe80::9: connects to it and prints what each end sees.
 */
import { Closer, connectTo, listenOn, until } from './support.ts';

const address = Uint8Array.of(0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9);
const closer = new Closer();
const { at, calls } = await listenOn(address, closer, 'veth0');
const far = await connectTo({ remote: at, source: address, interface: 'veth0' }, closer);
await until(() => calls.length === 1);
process.stdout.write(
  JSON.stringify([at.zone, calls[0].remote.zone, calls[0].local.zone, far.remote.zone]),
);
closer.close();
process.exit(0);
