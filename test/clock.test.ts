import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock, timestamp } from '#clock.ts';

describe('systemClock', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: 1_700_000_000_000 });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('fires after the time asked for, once', () => {
    const fired = vi.fn();
    systemClock.after(20, fired);
    vi.advanceTimersByTime(19);
    expect(fired).not.toHaveBeenCalled();
    vi.advanceTimersByTime(100);
    expect(fired).toHaveBeenCalledOnce();
  });

  it('never fires before a deadline that lies between two whole milliseconds', () => {
    let firedAt = 0;
    const deadline = systemClock.monotonic() + 9.4;
    systemClock.at(deadline, () => (firedAt = systemClock.monotonic()));
    vi.advanceTimersByTime(50);
    expect(firedAt).toBeGreaterThanOrEqual(deadline);
    expect(firedAt).toBeLessThan(deadline + 1);
  });

  it('fires a deadline that has passed at the next turn', () => {
    const fired = vi.fn();
    systemClock.at(systemClock.monotonic() - 1000, fired);
    expect(fired).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(fired).toHaveBeenCalledOnce();
  });

  it('waits longer than setTimeout can', () => {
    const fired = vi.fn();
    const thirtyDaysMs = 30 * 86_400_000;
    systemClock.after(thirtyDaysMs, fired);
    vi.advanceTimersByTime(thirtyDaysMs - 10);
    expect(fired).not.toHaveBeenCalled();
    vi.advanceTimersByTime(20);
    expect(fired).toHaveBeenCalledOnce();
  });

  it('repeats until cancelled', () => {
    const fired = vi.fn();
    const cancel = systemClock.every(10, fired);
    vi.advanceTimersByTime(35);
    cancel();
    vi.advanceTimersByTime(100);
    expect(fired).toHaveBeenCalledTimes(3);
  });

  it('repeats at times that are longer than setInterval can wait', () => {
    const fired = vi.fn();
    const thirtyDaysMs = 30 * 86_400_000;
    const cancel = systemClock.every(thirtyDaysMs, fired);
    vi.advanceTimersByTime(100);
    expect(fired).not.toHaveBeenCalled();
    vi.advanceTimersByTime(thirtyDaysMs - 110);
    expect(fired).not.toHaveBeenCalled();
    vi.advanceTimersByTime(thirtyDaysMs + 20);
    expect(fired).toHaveBeenCalledTimes(2);
    cancel();
    vi.advanceTimersByTime(2 * thirtyDaysMs);
    expect(fired).toHaveBeenCalledTimes(2);
  });

  it.each(['after', 'at', 'every'] as const)('%s: cancelled, it never fires', (method) => {
    const fired = vi.fn();
    const cancel = systemClock[method](10, fired);
    cancel();
    cancel();
    vi.advanceTimersByTime(100);
    expect(fired).not.toHaveBeenCalled();
  });

  it('soon comes after what runs now, and can be cancelled', () => {
    const order: string[] = [];
    systemClock.soon(() => order.push('soon'));
    systemClock.soon(() => order.push('cancelled'))();
    order.push('now');
    vi.advanceTimersByTime(1);
    expect(order).toEqual(['now', 'soon']);
  });

  it('wall follows the system clock', () => {
    expect(systemClock.wall()).toBe(1_700_000_000_000);
  });
});

describe('timestamp', () => {
  it('is RFC 3339 in UTC with milliseconds', () => {
    expect(timestamp(0)).toBe('1970-01-01T00:00:00.000Z');
    expect(timestamp(1_700_000_000_007)).toBe('2023-11-14T22:13:20.007Z');
  });
});
