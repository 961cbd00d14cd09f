import { keepalive, MessageType } from '#support/raw-message.ts';
import { pause } from '#support/wait.ts';
import { announceIpv4, changed, med } from '../bytes.ts';
import { type Case, group } from '../case.ts';

/**
 * Mostly hold times of 3 s, the shortest that exist; each of these cases takes as long. What must not come too early is
 * timed; how late it comes depends on the machine.
 */
const cases: readonly Omit<Case, 'group'>[] = [
  {
    name: 'A peer that is silent for the hold time is told so and left',
    clause: 'RFC 4271 §6.5, §8.2.2 event 10',
    peers: { source: {} },
    want: 'NOTIFICATION 4/0, in 3 s',
    async play(stage) {
      const start = performance.now();
      const source = await stage.session('source', { holdTimeSec: 3 });
      const ending = await source.ending(longSec);
      return `${ending}, ${lasted(start)}`;
    },
  },
  {
    name: 'A peer that is silent for the hold time of the daemon, which is the shorter, is left',
    clause: 'RFC 4271 §4.2',
    peers: { source: { holdTimeSec: 3 } },
    want: 'NOTIFICATION 4/0, in 3 s',
    async play(stage) {
      const start = performance.now();
      const source = await stage.session('source', { holdTimeSec: 180 });
      const ending = await source.ending(longSec);
      return `${ending}, ${lasted(start)}`;
    },
  },
  {
    name: 'The hold timer runs in OpenConfirm too',
    clause: 'RFC 4271 §8.2.2 event 10',
    peers: { source: {} },
    want: 'NOTIFICATION 4/0, in 3 s',
    async play(stage) {
      const start = performance.now();
      const source = await stage.call('source', { holdTimeSec: 3 });
      const answer = await source.open(stage.parts('source', { holdTimeSec: 3 }));
      if (answer !== 'accepted') return answer;
      const ending = await source.ending(longSec);
      return `${ending}, ${lasted(start)}`;
    },
  },
  {
    name: 'The daemon sends a KEEPALIVE each third of the hold time, or somewhat sooner',
    clause: 'RFC 4271 §4.4, §10',
    peers: { source: {} },
    want: 'two more, in 6 s',
    async play(stage) {
      const start = performance.now();
      // The hold time is longer than that of other cases, because our own KEEPALIVEs may come late.
      const source = await stage.session('source', { holdTimeSec: 9 });
      source.raw.keepAlive(500);
      const areThere = await source.has(MessageType.keepalive, 3);
      return `${areThere ? 'two' : 'fewer'} more, ${lasted(start, 6)}`;
    },
  },
  {
    name: 'KEEPALIVEs keep the session',
    clause: 'RFC 4271 §8.2.2 event 26',
    peers: { source: {} },
    want: 'up',
    async play(stage) {
      const source = await stage.session('source', { holdTimeSec: 6 });
      for (let i = 0; i < 8; i++) {
        await pause(1000);
        source.send(keepalive());
      }
      return stage.passed(source);
    },
  },
  {
    name: 'UPDATEs keep the session as KEEPALIVEs do',
    clause: 'RFC 4271 §8.2.2 event 27',
    peers: { source: {} },
    want: 'up',
    async play(stage) {
      const source = await stage.session('source', { holdTimeSec: 6 });
      for (let i = 0; i < 8; i++) {
        await pause(1000);
        source.send(announceIpv4(stage.own.ipv4(), changed(med(i))));
      }
      return stage.passed(source);
    },
  },
  {
    name: 'Without a hold time no KEEPALIVE follows the first, and silence is no end',
    clause: 'RFC 4271 §4.4, §8.2.2 event 19',
    peers: { source: { holdTimeSec: 0 } },
    want: 'one KEEPALIVE, up',
    async play(stage) {
      const source = await stage.session('source', { holdTimeSec: 0 });
      await pause(3500);
      const count = source.count(MessageType.keepalive);
      const session = await stage.passed(source);
      return `${count === 1 ? 'one' : count} KEEPALIVE, ${session}`;
    },
  },
  {
    name: 'Half a message is no sign of life',
    clause: 'RFC 4271 §6.5',
    peers: { source: {} },
    want: 'NOTIFICATION 4/0, in 3 s',
    async play(stage) {
      const start = performance.now();
      const source = await stage.session('source', { holdTimeSec: 3 });
      await pause(1500);
      source.send(keepalive().subarray(0, 18));
      const ending = await source.ending(longSec);
      return `${ending}, ${lasted(start)}`;
    },
  },
];

/** It is many hold times, and less than 90 s, the default that would apply if the value were ignored. */
const longSec = 60;

/** Timers may be a quarter short (RFC 4271 §10). */
function lasted(startMs: number, wantSec = 3): string {
  const seconds = (performance.now() - startMs) / 1000;
  return `in ${seconds >= (wantSec * 2) / 3 ? wantSec : seconds.toFixed(1)} s`;
}

export const timerCases = group('timers', cases);
