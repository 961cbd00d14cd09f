import { clearScreenDown, cursorTo, emitKeypressEvents } from 'node:readline';
import type { Cancel, Clock } from '#clock.ts';
import { frame, type PastEvent } from './frame.ts';
import { type KeyAction, Keys } from './keys.ts';
import type { Look } from './look.ts';
import type { DemoEvent, Network } from './network.ts';

export interface ScreenOptions {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly clock: Clock;
  readonly look: Look;
  readonly network: Network;
  readonly controlSocket: string;
  readonly onAction: (action: KeyAction) => void;
}

/** Alternate screen and hidden cursor, and back; in terminfo: smcup, civis; rmcup, cnorm. */
const enter = '\u001b[?1049h\u001b[?25l';
const leave = '\u001b[?25h\u001b[?1049l';
const clearToLineEnd = '\u001b[K';
/** Used if the terminal does not report its size. */
const standardSize = { columns: 80, rows: 24 } as const;
const keptEvents = 100;
const refreshMs = 1000;

/** A full-screen display, drawn again after each event, each second and each change of size. */
export class Screen {
  private readonly options: ScreenOptions;
  private readonly keys = new Keys();
  /** The newest first. */
  private readonly events: PastEvent[] = [];
  private readonly cancelRefresh: Cancel;
  private isDrawn = true;
  private isOpen = true;

  constructor(options: ScreenOptions) {
    this.options = options;
    const { stdin, stdout, clock } = options;
    stdout.write(enter);
    stdout.on('resize', this.draw);
    process.on('exit', this.close);
    if (stdin.isTTY) {
      // A terminal that has been closed takes no mode any more.
      stdin.on('error', () => undefined);
      stdin.setRawMode(true);
      emitKeypressEvents(stdin);
      stdin.on('keypress', this.onKey);
      stdin.resume();
    }
    this.cancelRefresh = clock.every(refreshMs, this.draw);
    this.draw();
  }

  event(event: DemoEvent): void {
    this.events.unshift({ ...event, atMs: this.options.clock.monotonic() });
    this.events.length = Math.min(this.events.length, keptEvents);
    this.changed();
  }

  /** Draws once for everything that happens in this turn. */
  changed(): void {
    if (!this.isDrawn) return;
    this.isDrawn = false;
    this.options.clock.soon(this.draw);
  }

  /** Restores the terminal; calling it again does nothing. */
  readonly close = (): void => {
    if (!this.isOpen) return;
    this.isOpen = false;
    const { stdin, stdout } = this.options;
    this.cancelRefresh();
    process.off('exit', this.close);
    stdout.off('resize', this.draw);
    stdout.write(leave);
    if (!stdin.isTTY) return;
    stdin.off('keypress', this.onKey);
    stdin.setRawMode(false);
    stdin.pause();
  };

  private readonly draw = (): void => {
    this.isDrawn = true;
    if (!this.isOpen) return;
    const { stdin, stdout, clock, look, network, controlSocket } = this.options;
    const lines = frame(network, look, {
      columns: stdout.columns || standardSize.columns,
      rows: stdout.rows || standardSize.rows,
      nowMs: clock.monotonic(),
      events: this.events,
      controlSocket,
      hasKeys: stdin.isTTY,
    });
    stdout.cork();
    cursorTo(stdout, 0, 0);
    stdout.write(lines.map((line) => line + clearToLineEnd).join('\n'));
    clearScreenDown(stdout);
    stdout.uncork();
  };

  private readonly onKey = (
    text: string | undefined,
    { name, ctrl }: { name?: string; ctrl: boolean },
  ): void => {
    const action = this.keys.press({ text, name, isCtrl: ctrl });
    if (action !== undefined) this.options.onAction(action);
    this.changed();
  };
}
