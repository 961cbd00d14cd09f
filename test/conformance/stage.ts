import { RawSpeaker } from '#support/raw-speaker.ts';
import { announceIpv4, announceIpv6, asPath, changed, med, shortAsPath, u32 } from './bytes.ts';
import { asOf, type Case, type PeerProfile } from './case.ts';
import { type OpenParts, usualCapabilities } from './open-bytes.ts';
import { Own } from './own.ts';
import { RouteView } from './route-view.ts';
import { comesTrue, Speaker } from './speaker.ts';
import type { World } from './world.ts';

/**
 * What a case is played on: a running daemon, the peers and prefixes of the case, and the clients that all cases share.
 */
export class Stage {
  readonly own: Own;
  readonly world: World;
  private readonly row: Case;
  private readonly speakers: { readonly part: string; readonly speaker: Speaker }[] = [];
  private barriers = 0;

  constructor(world: World, row: Case, index: number) {
    this.world = world;
    this.row = row;
    this.own = new Own(index);
  }

  get clients(): World['clients'] {
    return this.world.clients;
  }

  /** Returns the configured name of the peer that plays the part. */
  nameOf(part: string): string {
    return this.world.peer(this.row, part).name;
  }

  profile(part: string): PeerProfile {
    return this.row.peers[part];
  }

  /** Connects to the daemon and waits for its OPEN. */
  async call(part = 'source', parts: OpenParts = {}): Promise<Speaker> {
    const patience = this.world.patienceSec;
    const deadline = performance.now() + patience * 1000;
    for (;;) {
      const speaker = this.knock(part, parts);
      if ((await speaker.hasOpen()) || performance.now() > deadline) return speaker;
      // A daemon that is not ready for this peer yet closes the connection without a message.
      if (speaker.notification !== undefined || this.world.answersAtOnce) return speaker;
    }
  }

  /** Connects to the daemon, whatever it does then. */
  knock(part = 'source', parts: OpenParts = {}): Speaker {
    const { address: from } = this.world.peer(this.row, part);
    const raw = RawSpeaker.connect({ from, to: this.world.address, port: this.world.port });
    return this.enter(raw, part, parts);
  }

  /** Returns the connection of the daemon to a peer that it dials. */
  async dialled(part = 'source', parts: OpenParts = {}): Promise<Speaker> {
    const socket = await this.world.accepted(this.row, part);
    const speaker = this.enter(RawSpeaker.over(socket), part, parts);
    await speaker.hasOpen();
    return speaker;
  }

  /** A session, established. */
  async session(part = 'source', parts: OpenParts = {}): Promise<Speaker> {
    const speaker = await this.call(part, parts);
    const answer = await speaker.establish(this.parts(part, parts));
    if (answer !== 'established') throw new Error(`${part} did not get its session: ${answer}`);
    return speaker;
  }

  /** Returns the latest connection of the part. */
  speaker(part: string): Speaker {
    const found = this.speakers.findLast((each) => each.part === part);
    if (found === undefined) throw new Error(`${part} has no connection`);
    return found.speaker;
  }

  /** Returns a client that belongs to the case. */
  async client(part: string, parts: OpenParts = {}): Promise<RouteView> {
    const speaker = await this.session(part, parts);
    return new RouteView(speaker.raw, this.profile(part).addPath === 'send');
  }

  /** Returns the fields of the OPEN of the part, with its AS and both families unless given. */
  parts(part: string, parts: OpenParts = {}): OpenParts {
    return { as: asOf(this.profile(part)), ...parts };
  }

  /**
   * Sends one more route and waits until the client has it, by when all that was sent before has been judged. Returns
   * `up`, or how the session ended instead.
   */
  async passed(speaker: Speaker, view: RouteView = this.clients.plain): Promise<string> {
    const { family } = speaker.encoding;
    const nlri = this.own[family](255 - this.barriers++);
    speaker.send(barrier(nlri, speaker));
    const isSeen = (): boolean => view.route(nlri) !== undefined;
    await speaker.until(() => isSeen() || speaker.isClosed);
    if (isSeen()) return 'up';
    return speaker.isClosed ? speaker.ending() : 'up, but deaf';
  }

  /** Gives an operator's command about a peer to the daemon: `disable`, `reset`. For fingerpost only. */
  async order(command: string, body: unknown = {}, part = 'source'): Promise<void> {
    await this.world.daemon.control?.(
      'POST',
      `/api/v1/peers/${this.nameOf(part)}/${command}`,
      body,
    );
  }

  /** Edits the line of the peer in the configuration, and reloads it. For fingerpost only. */
  reconfigure(edit: (line: string) => string, part = 'source'): void {
    const key = `name: ${this.nameOf(part)},`;
    const editLine = (line: string): string => (line.includes(key) ? edit(line) : line);
    this.world.daemon.reload?.((config) => config.split('\n').map(editLine).join('\n'));
  }

  /** Returns why the first route of the peer was rejected. For fingerpost only. */
  async rejection(part = 'source'): Promise<string> {
    const path = `/api/v1/peers/${this.nameOf(part)}/rejected`;
    const deadline = performance.now() + this.world.patienceSec * 1000;
    while (performance.now() < deadline) {
      const reason = /"reason":"([^"]+)"/.exec(
        JSON.stringify(await this.world.daemon.control?.('GET', path)),
      )?.[1];
      if (reason !== undefined) return `rejected: ${reason}`;
      await this.until(() => false, 0.05);
    }
    return 'not rejected';
  }

  /** Waits until the condition holds; a case that waits in vain fails by what it sees afterwards. */
  async until(condition: () => boolean, seconds = this.world.patienceSec): Promise<boolean> {
    return comesTrue(condition, seconds);
  }

  close(): void {
    for (const { speaker } of this.speakers) speaker.close();
  }

  private enter(raw: RawSpeaker, part: string, parts: OpenParts): Speaker {
    const as = parts.as ?? asOf(this.profile(part));
    const capabilities = parts.capabilities ?? usualCapabilities(as);
    const offers = (code: number, ...value: number[]): boolean =>
      capabilities.some(
        (each) => each[0] === code && value.every((octet, i) => each[2 + i] === octet),
      );
    const isIpv6Only = offers(1) && !offers(1, 0, 1, 0, 1);
    const encoding = {
      asBytes: offers(65) || parts.parameters !== undefined ? 4 : 2,
      hasPathIds: this.profile(part).addPath === 'receive' && offers(69),
      family: isIpv6Only || this.profile(part).families?.join() === 'ipv6' ? 'ipv6' : 'ipv4',
      as,
    } as const;
    const speaker = new Speaker(raw, encoding, this.world.patienceSec);
    this.speakers.push({ part, speaker });
    return speaker;
  }
}

/** A route that every daemon accepts. */
function barrier(nlri: Buffer, { encoding }: Speaker): Buffer {
  const path = encoding.asBytes === 2 ? shortAsPath(encoding.as) : asPath(encoding.as);
  const attributes = changed(path, med(99));
  const whole = encoding.hasPathIds ? Buffer.concat([Buffer.from(u32(1)), nlri]) : nlri;
  if (encoding.family === 'ipv4') return announceIpv4(whole, attributes);
  return announceIpv6(
    whole,
    attributes.filter((each) => each[1] !== 3),
  );
}
