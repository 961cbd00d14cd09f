import { closeSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import koffi from 'koffi';

/**
 * The part of systemd that a daemon's descriptor store needs: the socket of sd_notify(3), where descriptors arrive with
 * FDSTORE=1 (SCM_RIGHTS) and are removed with FDSTOREREMOVE=1, and what a restart passes on.
 */
export class DescriptorStore {
  private readonly folder = mkdtempSync(join(tmpdir(), 'fingerpost-store-'));
  readonly path = join(this.folder, 'notify');
  /** Every message that was received, in order. */
  readonly told: string[] = [];
  private kept: { readonly fd: number; readonly name: string }[] = [];
  private readonly fd: number;
  private readonly timer: NodeJS.Timeout;

  constructor() {
    this.fd = libc.socket(unix, datagram, 0);
    const address = new Uint8Array(110);
    address[0] = unix;
    address.set(new TextEncoder().encode(this.path), 2);
    if (libc.bind(this.fd, address, address.length) !== 0) throw new Error(`bind ${this.path}`);
    this.timer = setInterval(() => this.listen(), 5);
  }

  get env(): Record<string, string> {
    return { NOTIFY_SOCKET: this.path };
  }

  get names(): string[] {
    return this.kept.map(({ name }) => name);
  }

  /** Returns what the next start of the unit is given. */
  handOver(): { sockets: number[]; env: Record<string, string> } {
    this.listen();
    const env = { ...this.env, LISTEN_FDNAMES: this.names.join(':') };
    return { sockets: this.kept.map(({ fd }) => fd), env };
  }

  /** The unit is stopped, and will not be started again. */
  release(): void {
    this.listen();
    this.drop(() => true);
  }

  close(): void {
    clearInterval(this.timer);
    this.release();
    closeSync(this.fd);
    rmSync(this.folder, { recursive: true, force: true });
  }

  private listen(): void {
    for (let one = receive(this.fd); one !== undefined; one = receive(this.fd)) {
      this.told.push(one.text);
      const name = /^FDNAME=(.*)$/m.exec(one.text)?.[1] ?? 'stored';
      if (/^FDSTOREREMOVE=1$/m.test(one.text)) this.drop((kept) => kept === name);
      if (/^FDSTORE=1$/m.test(one.text)) {
        this.kept.push(...one.fds.map((fd) => ({ fd, name })));
      }
    }
  }

  private drop(isMeant: (name: string) => boolean): void {
    for (const { fd, name } of this.kept) if (isMeant(name)) closeSync(fd);
    this.kept = this.kept.filter(({ name }) => !isMeant(name));
  }
}

/** linux/socket.h, linux/net.h */
const unix = 1;
const datagram = 2 | 0o4000 | 0o2000000;
const dontWaitCloseOnExec = 0x40 | 0x4000_0000;

const own = koffi.load(null);
const libc = {
  socket: own.func('int socket(int, int, int)'),
  bind: own.func('int bind(int, const void *, uint32_t)'),
  recvmsg: own.func('long recvmsg(int, void *, int)'),
};

/** struct msghdr, iovec, control and payload in one block. */
function receive(fd: number): { text: string; fds: number[] } | undefined {
  const [controlAt, controlBytes, payloadAt] = [80, 512, 592];
  const block = new Uint8Array(payloadAt + 4096);
  const start = koffi.address(block);
  const words = new BigUint64Array(block.buffer, 0, 9);
  words.set([start + 56n, 1n, start + BigInt(controlAt), BigInt(controlBytes)], 2);
  words.set([start + BigInt(payloadAt), 4096n], 7);
  const length = Number(libc.recvmsg(fd, block, dontWaitCloseOnExec));
  if (length < 0) return undefined;
  const view = new DataView(block.buffer);
  const count = words[5] === 0n ? 0 : (Number(view.getBigUint64(controlAt, true)) - 16) / 4;
  return {
    text: new TextDecoder().decode(block.subarray(payloadAt, payloadAt + length)),
    fds: Array.from({ length: count }, (_, at) => view.getInt32(controlAt + 16 + at * 4, true)),
  };
}
