import type { BrakeReason, BrakeTerms } from '#bfd/brake.ts';
import type { BfdState } from '#bfd/packet.ts';
import type { BfdMove, BfdTerms } from '#bfd/session.ts';

/** One BFD session of a peer, as the thread is to run it. Plain data: it crosses threads. */
export interface BfdSessionSettings {
  /** The peer's name, which is the session's too. */
  readonly peer: string;
  /** 4 or 16 bytes. */
  readonly address: Uint8Array;
  /** The same as the kernel prints it, with its zone if it has one. */
  readonly addressText: string;
  /** Source address; absent: the kernel chooses. */
  readonly localAddress?: Uint8Array;
  readonly interface?: string;
  /** RFC 5883, port 4784; else RFC 5881, port 3784. */
  readonly isMultihop: boolean;
  /** The least TTL or hop limit of a packet from the peer, 0..255; always 255 for a single hop. */
  readonly minTtl: number;
  /** AdminDown: neither end is to conclude anything. */
  readonly isAdminDown: boolean;
  readonly terms: BfdTerms;
}

/** To the thread. */
export type BfdRequest =
  | {
      /** All sessions that there are to be; others end. */
      readonly kind: 'sessions';
      readonly sessions: readonly BfdSessionSettings[];
      readonly brake: BrakeTerms;
    }
  /** Every session says AdminDown, and the thread ends. */
  | { readonly kind: 'stop' };

/** What a session has heard from the other end, and agreed with it. Milliseconds. */
export interface BfdHeard {
  readonly remoteState: BfdState;
  readonly txMs: number;
  readonly rxMs: number;
  readonly detectMs: number;
}

/** From the thread. */
export type BfdReport =
  | {
      readonly kind: 'moved';
      readonly peer: string;
      readonly move: BfdMove;
      /** The session left Up, and this is why nothing is to be concluded from it. */
      readonly brake?: BrakeReason;
    }
  | { readonly kind: 'heard'; readonly peer: string; readonly heard: BfdHeard }
  /** For people: a socket that cannot be had. */
  | { readonly kind: 'failed'; readonly text: string };
