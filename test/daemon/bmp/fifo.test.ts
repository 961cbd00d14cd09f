import { expect, it } from 'vitest';
import { Fifo } from '#daemon/bmp/fifo.ts';

it('a queue returns its oldest item, and keeps no reference to it even if the queue is never empty', () => {
  const queue = new Fifo<number>();
  let pushed = 0;
  let most = 0;
  for (; pushed < 100; pushed++) queue.push(pushed);
  for (let taken = 0; taken < 100_000; taken++) {
    queue.push(pushed++);
    if (queue.shift() !== taken) throw new Error(`${taken} is not the next`);
    most = Math.max(most, queue.places);
  }
  expect(queue.size).toBe(100);
  expect(most).toBeLessThanOrEqual(2 * queue.size + 64);
});

it('an empty queue returns nothing, and after that the next item', () => {
  const queue = new Fifo<string>();
  expect(queue.shift()).toBeUndefined();
  queue.push('a');
  expect(queue.shift()).toBe('a');
  expect(queue.shift()).toBeUndefined();
  expect(queue.places).toBe(0);
  queue.push('b');
  expect(queue.shift()).toBe('b');
});
