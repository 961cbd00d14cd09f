import type { StreamName } from '#api/events/event-view.ts';
import { serverNow } from './ages.ts';
import { become, fetchPart, NoView } from './parts.ts';
import { refreshLoaded } from './scroll.ts';

/** However much happens, the page does not ask for itself again before this time has passed. */
const leastMs = 1000;
/** It asks after this time even if nothing happens: timers run, and a connection may be dead without a sign. */
const mostMs = 5000;
/** A stream that the server has refused is asked for again after this time. */
const againMs = 5000;

/** Whatever happens may change what is shown. */
const streamNames = Object.keys({
  snapshot: true,
  peer: true,
  route: true,
  service: true,
  failover: true,
  config: true,
  drain: true,
  coherence: true,
  other: true,
  gap: true,
} satisfies Record<StreamName | 'snapshot' | 'gap', true>);

/** Keeps the view up to date: asks the server for it again when something has happened, and says so if it cannot. */
export function followDaemon(): void {
  new Live().open();
}

class Live {
  private readonly root = document.body.dataset.root ?? './';
  private readonly banner = document.getElementById('banner');
  private readonly label = document.getElementById('live');
  private asOfMs = serverNow();
  private stream: EventSource | undefined;
  private isStreamOpen = false;
  /** Why the last attempt failed, if it did. */
  private failure: string | undefined;
  private isDirty = false;
  private lastMs = performance.now();
  private isAsking = false;

  open(): void {
    this.listen();
    setInterval(() => void this.look(), leastMs);
    document.addEventListener('visibilitychange', () => this.changeVisibility());
  }

  /** A browser has six connections to a server for all its tabs, so that a hidden tab holds none. */
  private changeVisibility(): void {
    this.stream?.close();
    this.isStreamOpen = false;
    if (document.hidden) return;
    this.isDirty = true;
    this.listen();
    void this.look();
  }

  private listen(): void {
    if (document.hidden) return;
    this.stream?.close();
    const stream = new EventSource(`${this.root}api/v1/stream`);
    this.stream = stream;
    const happened = (): void => {
      this.isDirty = true;
    };
    for (const name of streamNames) {
      stream.addEventListener(name, happened);
    }
    stream.addEventListener('open', () => {
      this.isStreamOpen = true;
      void this.look();
    });
    stream.addEventListener('error', () => {
      this.isStreamOpen = false;
      this.show();
      if (stream.readyState === EventSource.CLOSED) setTimeout(() => this.listen(), againMs);
    });
  }

  private async look(): Promise<void> {
    this.show();
    const waitedMs = performance.now() - this.lastMs;
    const isDue = waitedMs >= (this.isDirty ? leastMs : mostMs) || this.failure !== undefined;
    if (document.hidden || this.isAsking || !isDue || isOneTime()) return;
    this.isAsking = true;
    this.isDirty = false;
    try {
      await this.refresh();
      this.failure = undefined;
    } catch (error) {
      this.failure =
        error instanceof NoView
          ? `The daemon answered with status ${error.status}.`
          : 'The daemon does not answer.';
    }
    this.lastMs = performance.now();
    this.isAsking = false;
    this.show();
  }

  private async refresh(): Promise<void> {
    const part = await fetchPart(location.href);
    const main = document.getElementById('main');
    if (main === null) return;
    const madeAt = part instanceof HTMLElement ? (part.dataset.madeAt ?? '') : '';
    await become(main, part);
    await refreshLoaded();
    this.asOfMs = Date.parse(madeAt);
  }

  private show(): void {
    const isLost = this.failure !== undefined || !this.isStreamOpen;
    const time = new Date(this.asOfMs).toISOString().slice(11, 19);
    if (this.label !== null) {
      this.label.textContent = isLost ? `as of ${time} UTC` : `live, as of ${time} UTC`;
      this.label.classList.toggle('on', !isLost);
    }
    if (this.banner === null) return;
    const isOld =
      this.failure !== undefined || (!this.isStreamOpen && serverNow() - this.asOfMs > 2 * leastMs);
    this.banner.hidden = !isOld;
    if (!isOld) return;
    const seconds = Math.max(0, Math.round((serverNow() - this.asOfMs) / 1000));
    const reason = this.failure ?? 'The event stream is interrupted.';
    const text = `${reason} What you see is ${seconds} s old (${time} UTC).`;
    if (this.banner.textContent !== text) this.banner.textContent = text;
  }
}

/** Returns whether the view is computed on demand, once; a refusal that passes by itself is asked for again. */
function isOneTime(): boolean {
  const isView = document.querySelector('[data-again]') === null;
  return isView && /\/(?:whatif|search)$/.test(location.pathname);
}
