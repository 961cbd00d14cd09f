import { spanText } from '#words/ago.ts';

const everyMs = 1000;

/** Keeps relative times true while the page is open. */
export function keepTimes(): void {
  setInterval(showTimes, everyMs);
}

function showTimes(): void {
  const now = serverNow();
  for (const time of document.querySelectorAll<HTMLTimeElement>('time[data-ago]')) {
    const span = spanText((now - Date.parse(time.dateTime)) / 1000);
    const text = time.dataset.ago === 'ago' ? `${span} ago` : span;
    if (time.textContent !== text) time.textContent = text;
  }
}

let offsetMs: number | undefined;

/** Returns the time of the daemon's clock; that of this machine may be wrong by hours. */
export function serverNow(): number {
  offsetMs ??= Date.parse(document.getElementById('main')?.dataset.madeAt ?? '') - Date.now();
  return Date.now() + offsetMs;
}
