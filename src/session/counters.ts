import type { MessageCounts, PeerCounters } from './host.ts';

/** Returns counters that are all zero. */
export function newCounters(): PeerCounters {
  return {
    received: newMessageCounts(),
    sent: newMessageCounts(),
    bytes: { received: 0, sent: 0 },
    establishedTransitions: 0,
    drops: new Map(),
    lastMessageMs: { received: 0, sent: 0 },
  };
}

function newMessageCounts(): MessageCounts {
  return { open: 0, update: 0, notification: 0, keepalive: 0, routeRefresh: 0 };
}
