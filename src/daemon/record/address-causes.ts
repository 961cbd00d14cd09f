import type { Cause } from '#api/events/causes.ts';
import { type AttrsId, none, type PathId, type PeerId, type PrefixId } from '#policy/ids.ts';
import { rejectReasons } from '#policy/reasons.ts';
import type { RibView } from '#rib/view.ts';
import type { Family } from '#wire/constants.ts';
import type { Causes, KnownCause } from './causes.ts';

/** The number of causes whose counts are kept. */
const keptCounts = 1000;
/** How many addresses each slice checks for having been decided without a change. */
const looksASlice = 512;

/** What has happened to the paths of an address since its best path was last decided. */
interface Noted {
  /** To the best path. */
  best?: KnownCause;
  /** To another path; the latest. */
  other?: KnownCause;
}

interface AddressCausesParts {
  readonly view: RibView;
  readonly causes: Causes;
  readonly nameOf: (id: PeerId) => string | undefined;
}

/**
 * Remembers for addresses of services why their paths have changed, from the moment of the change until the best path
 * is decided, which may be turns later. Costs nothing for other prefixes.
 */
export class AddressCauses {
  private readonly parts: AddressCausesParts;
  /** By `Family`. */
  private readonly noted = [new Map<PrefixId, Noted>(), new Map<PrefixId, Noted>()];
  /** By cause: the number of addresses that it has affected and that have kept their best path so far. */
  private readonly stayedBy = new Map<string, number>();

  constructor(parts: AddressCausesParts) {
    this.parts = parts;
  }

  /**
   * A path of an address has changed; `was` has its attributes before, as in `PathChanged` of the RIB. Returns the
   * cause.
   */
  pathChanged(
    family: Family,
    prefix: PrefixId,
    path: PathId,
    was: AttrsId,
    isGone: boolean,
  ): KnownCause {
    const { causes } = this.parts;
    const { current } = causes;
    const cause = isGone
      ? (current?.cause ?? this.withdrawn(family, path))
      : this.changed(family, path, was, current?.cause);
    const found = current === undefined ? causes.once(cause) : { ...current, cause };
    const isBest = this.parts.view.families[family].isBest(prefix, path);
    const before = this.noted[family].get(prefix);
    const noted: Noted = { ...before, ...(isBest ? { best: found } : { other: found }) };
    this.noted[family].set(prefix, noted);
    this.recount(before, noted);
    return found;
  }

  /** Returns why the best path has changed; called once, when that happens. `undefined` if it is not known. */
  take(family: Family, prefix: PrefixId): KnownCause | undefined {
    const { causes } = this.parts;
    const noted = this.noted[family].get(prefix);
    this.noted[family].delete(prefix);
    this.recount(noted, undefined);
    return noted?.best ?? noted?.other ?? causes.current;
  }

  /**
   * Forgets what has been decided without a change of the best path. If there are many addresses, each call checks a
   * few, starting with those that have waited longest.
   */
  settle(): void {
    for (const [family, noted] of this.noted.entries()) {
      let looks = Math.min(noted.size, looksASlice);
      for (const [prefix, causes] of noted) {
        if (looks-- === 0) break;
        noted.delete(prefix);
        if (this.parts.view.isPending(family as Family, prefix)) noted.set(prefix, causes);
      }
    }
  }

  /** Returns how many addresses that a cause has affected have kept their best path. */
  stayed(causeId: string): number {
    return this.stayedBy.get(causeId) ?? 0;
  }

  /** An address counts for the last cause that has affected its best path, or any of its paths, until that moves it. */
  private recount(before: Noted | undefined, after: Noted | undefined): void {
    const [was, is] = [before, after].map((noted) => (noted?.best ?? noted?.other)?.id);
    if (was === is) return;
    if (was !== undefined && this.stayedBy.has(was)) {
      const left = this.stayed(was) - 1;
      if (left === 0) this.stayedBy.delete(was);
      else this.stayedBy.set(was, left);
    }
    if (is === undefined) return;
    const count = this.stayed(is) + 1;
    this.stayedBy.delete(is);
    this.stayedBy.set(is, count);
    // Only the latest causes are asked for.
    const [oldest] = this.stayedBy.keys();
    if (this.stayedBy.size > keptCounts && oldest !== undefined) this.stayedBy.delete(oldest);
  }

  private withdrawn(family: Family, path: PathId): Cause {
    return { kind: 'withdrawn', ...this.peerOf(family, path), text: 'withdrawn by the peer' };
  }

  /** Returns the cause: an UPDATE, or settings or a restart that have changed its attributes. */
  private changed(family: Family, path: PathId, was: AttrsId, current: Cause | undefined): Cause {
    const { view } = this.parts;
    const { accepted, reason } = view.families[family].path(path);
    const peer = this.peerOf(family, path);
    if (accepted === none) return refused(rejectReasons[reason], peer, current);
    if (current !== undefined) {
      return current.kind === 'config' ? { ...current, ...peer, kind: 'policy' } : current;
    }
    if (view.families[family].keptUntilMs(path) !== undefined) {
      return { kind: 'withdrawn', ...peer, text: 'withdrawn by the peer, kept as the last path' };
    }
    if (was === none) return { kind: 'announced', ...peer, text: 'announced by the peer' };
    const [from, to] = [view.med(was) ?? 0, view.med(accepted) ?? 0];
    if (from === to) {
      return { kind: 'attributes_changed', ...peer, text: 'announced with other attributes' };
    }
    const text = `MED changed from ${from} to ${to}`;
    return { kind: 'med_changed', ...peer, attribute: 'med', from, to, text };
  }

  private peerOf(family: Family, path: PathId): { peer?: string } {
    const { view, nameOf } = this.parts;
    const peer = nameOf(view.families[family].peerOf(path));
    return peer === undefined ? {} : { peer };
  }
}

/** Returns the cause for a path that is no longer accepted. */
function refused(reason: string, peer: { peer?: string }, current: Cause | undefined): Cause {
  const text = `now refused: ${reason}`;
  if (reason.startsWith('limit_')) return { kind: 'limit', ...peer, text };
  if (reason.startsWith('malformed:')) return { kind: 'malformed', ...peer, text };
  if (current === undefined) return { kind: 'attributes_changed', ...peer, text };
  return { ...current, ...peer, kind: current.kind === 'config' ? 'policy' : current.kind, text };
}
