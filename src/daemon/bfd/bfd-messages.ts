import type { BrakeReason, BrakeTerms } from '#bfd/brake.ts';
import type { BfdState } from '#bfd/packet.ts';
import type { BfdMove, BfdTerms } from '#bfd/session.ts';

/** The settings of one BFD session of a peer. Plain data: it is sent to a thread. */
export interface BfdSessionSettings {
  /** The name of the peer, and of its session. */
  readonly peer: string;
  /** 4 or 16 bytes. */
  readonly address: Uint8Array;
  /** The address as the kernel prints it, with its zone if it has one. */
  readonly addressText: string;
  /** Source address; absent: the kernel chooses. */
  readonly localAddress?: Uint8Array;
  readonly interface?: string;
  /** RFC 5883, port 4784; otherwise RFC 5881, port 3784. */
  readonly isMultihop: boolean;
  /** The lowest TTL or hop limit allowed for a packet from the peer, 0..255; always 255 for a single hop. */
  readonly minTtl: number;
  /** AdminDown: neither end is to draw any conclusion. */
  readonly isAdminDown: boolean;
  readonly terms: BfdTerms;
}

/** A message to the thread. */
export type BfdRequest =
  | {
      /** All sessions that are to exist; others end. */
      readonly kind: 'sessions';
      readonly sessions: readonly BfdSessionSettings[];
      readonly brake: BrakeTerms;
    }
  /** Every session sends AdminDown, and the thread ends. */
  | { readonly kind: 'stop' };

/** What a session has learnt from the other end and agreed with it. In milliseconds. */
export interface BfdHeard {
  readonly remoteState: BfdState;
  readonly txMs: number;
  readonly rxMs: number;
  readonly detectMs: number;
}

/** A message from the thread. */
export type BfdReport =
  | {
      readonly kind: 'moved';
      readonly peer: string;
      readonly move: BfdMove;
      /** The session left Up, and this is the reason why it is to be ignored. */
      readonly brake?: BrakeReason;
    }
  | { readonly kind: 'heard'; readonly peer: string; readonly heard: BfdHeard }
  /** A message for people: a socket could not be opened. */
  | { readonly kind: 'failed'; readonly text: string };
