import type { Cancel, Clock } from '#clock.ts';
import type { State } from '#session/fsm.ts';
import type { PeerHost, RouteRefreshSubtype, SessionDown, StaleEvent } from '#session/host.ts';
import type { Negotiated } from '#session/negotiate.ts';
import { Peer, type SessionHandle } from '#session/peer.ts';
import type { SessionSettings } from '#session/settings.ts';
import { Ticker } from '#session/ticker.ts';
import type { Family } from '#wire/constants.ts';
import type { Update } from '#wire/update.ts';
import { makePipe, type PipeEnd, type PipeOptions } from './pipe.ts';

export interface SpeakerOptions extends PipeOptions {
  readonly clock: Clock;
  readonly random: () => number;
}

/** A BGP speaker with one peer, on the clock of the test: the shell around `Peer`, in memory. */
export class Speaker implements PeerHost {
  peer: Peer;
  readonly ticker = new Ticker();
  /** One line for each event: `up`, `down tcp_closed`, `sent 6/7`, `received 4/0`, `state OpenSent`. */
  readonly log: string[] = [];
  /** Called for each UPDATE; may throw. */
  onUpdate: (update: Update) => void = () => undefined;
  /** Refuses connections, as a host without a listener does. */
  isListening = true;
  /** Never closes the session with a silent peer. */
  isPatient = false;
  /** Nothing reaches it or leaves it, and no one is notified. */
  isCutOff = false;
  updates = 0;
  private readonly taken = new Set<PipeEnd>();
  private readonly options: SpeakerOptions;
  private remote: Speaker | undefined;
  private dials = 0;
  private cancelTimer: Cancel = () => undefined;
  private isFrozen = false;

  constructor(settings: SessionSettings, options: SpeakerOptions) {
    this.options = options;
    this.peer = new Peer(settings, this, options.random);
  }

  /** Each is now the other's only peer. */
  static link(a: Speaker, b: Speaker): void {
    a.callsTo(b);
    b.callsTo(a);
  }

  /** Connections go to `remote`, which need not know of it (a stray process at the address of the peer). */
  callsTo(remote: Speaker): void {
    this.remote = remote;
  }

  /** The connections that this side has not ended. */
  get ends(): PipeEnd[] {
    return [...this.taken].filter((end) => !end.isOver);
  }

  get now(): number {
    return this.options.clock.monotonic();
  }

  /** Runs `work` with the peer and sets the timer again, as the daemon does after each event. */
  run(work: (peer: Peer) => void): void {
    work(this.peer);
    this.rearm();
  }

  start(): void {
    this.run((peer) => peer.start(this.now));
  }

  /** SIGSTOP: timers fire late, what arrives waits in the sockets. */
  freeze(): void {
    this.isFrozen = true;
    for (const end of this.ends) end.isFrozen = true;
  }

  /** SIGCONT: due timers first, then the sockets, as an event loop has it. */
  thaw(): void {
    this.isFrozen = false;
    this.onTimer();
    for (const end of this.ends) {
      end.isFrozen = false;
      end.drain();
    }
    this.rearm();
  }

  /** The cable is pulled: existing connections become silent. */
  cutOff(): void {
    this.isCutOff = true;
    for (const end of this.ends) end.isCut = true;
    for (const end of this.ends) if (end.peer !== undefined) end.peer.isCut = true;
  }

  /** Power off and on: no one is notified, and the new process knows of no connection. */
  reboot(): void {
    for (const end of this.ends) end.isOver = true;
    if (this.peer.state === 'Established') this.log.push('down reboot');
    this.taken.clear();
    this.dials++;
    this.peer = new Peer(this.peer.settings, this, this.options.random);
    this.rearm();
  }

  /** kill -9: the kernel ends the connections. */
  kill(): void {
    for (const end of this.ends) end.close();
    this.reboot();
  }

  dial(): void {
    const { clock, latencyMs } = this.options;
    const dial = ++this.dials;
    clock.after(latencyMs(), () => {
      const { remote } = this;
      if (remote === undefined || this.isCutOff || remote.isCutOff) return;
      if (remote.isListening) return this.connect(remote, dial);
      clock.after(latencyMs(), () => {
        if (dial === this.dials)
          this.run((peer) => peer.dialFailed('connection refused', this.now));
      });
    });
  }

  cancelDial(): void {
    this.dials++;
  }

  /** Takes an end of a pipe, like an accepted or a completed connection. */
  take(end: PipeEnd): void {
    let handle: SessionHandle | undefined;
    end.isFrozen = this.isFrozen;
    end.owner = {
      received: (chunk) => this.run((peer) => handle && peer.receive(handle, chunk, this.now)),
      closed: (text) => {
        this.taken.delete(end);
        this.run((peer) => handle && peer.closed(handle, text, this.now));
      },
      readDry: () => this.isPatient || this.run((peer) => handle && peer.readDry(handle, this.now)),
      wrote: () => this.run((peer) => handle && peer.wrote(handle, 0, this.now)),
    };
    this.taken.add(end);
    this.run((peer) => {
      handle = peer.connected(end, this.now);
    });
    end.drain();
  }

  established(_negotiated: Negotiated): void {
    this.log.push('up');
  }

  down(down: SessionDown): void {
    this.log.push(`down ${down.kind}`);
  }

  stale(family: Family, event: StaleEvent): void {
    this.log.push(`stale ${family} ${event}`);
  }

  update(update: Update): void {
    this.updates++;
    this.onUpdate(update);
  }

  familyDisabled(family: Family): void {
    this.log.push(`off ${family}`);
  }

  routeRefresh(family: Family, subtype: RouteRefreshSubtype): void {
    this.log.push(`refresh ${family} ${subtype}`);
  }

  stateChanged(_from: State, to: State): void {
    this.log.push(`state ${to}`);
  }

  notification(direction: 'sent' | 'received', code: number, subcode: number): void {
    this.log.push(`${direction} ${code}/${subcode}`);
  }

  warning(text: string): void {
    this.log.push(`warning ${text}`);
  }

  timerJudged(): void {}

  internalError(error: unknown): void {
    throw error;
  }

  private connect(remote: Speaker, dial: number): void {
    const { clock, latencyMs } = this.options;
    const { dialler, called } = makePipe(this.options);
    remote.take(called);
    clock.after(latencyMs(), () => {
      if (dial === this.dials) this.take(dialler);
      else dialler.abort();
    });
  }

  private onTimer(): void {
    if (this.isFrozen) return;
    this.ticker.tick([this.peer], this.now);
    this.rearm();
  }

  private rearm(): void {
    if (this.isFrozen) return;
    this.cancelTimer();
    const deadline = this.ticker.arm(this.peer);
    this.cancelTimer = this.options.clock.at(deadline, () => this.onTimer());
  }
}
