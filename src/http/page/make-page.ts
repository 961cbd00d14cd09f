import type { Context } from '../context.ts';
import { type Problem, problemOf } from '../problem.ts';
import { type Assets, readAssets } from './assets.ts';
import type { Frame, ShellParts, View } from './frame.ts';
import { textOf } from './html.ts';
import type { Asked } from './made.ts';
import { PageBytes } from './page-bytes.ts';
import { pages } from './pages.ts';
import { mainOf, shell } from './shell.ts';
import { problemView } from './views/problem.ts';

/** A page as it is sent to every client that asks for it at the time. */
export type Made =
  | { readonly kind: 'page'; readonly status: number; readonly bytes: PageBytes }
  | { readonly kind: 'elsewhere'; readonly path: string };

export interface PageRequest {
  /** Of the view, in the notation of the router. */
  readonly route: string;
  readonly asked: Asked;
  /** The number of slashes in the path after the first. */
  readonly depth: number;
  /** Only what changes while a page is open. */
  readonly isPart: boolean;
}

/** A page that took less time than this may be made again at once, milliseconds. */
const cheapMs = 50;
/** The longest time that a page waits to be made again, milliseconds. */
const longestRestMs = 1000;

/**
 * Makes pages; all clients that ask for one while it is being made get the same. One that takes long is not made again
 * before as much time has passed: however many clients look at it, it takes half of a core at most.
 */
export class PageMaker {
  readonly assets: Assets = readAssets();
  private readonly context: Context;
  private readonly making = new Map<string, Promise<Made>>();
  /** The pages that may not be made again yet; each promise resolves when its page may. */
  private readonly resting = new Map<string, Promise<void>>();

  constructor(context: Context) {
    this.context = context;
  }

  page(request: PageRequest): Promise<Made> {
    const key = JSON.stringify(request);
    const underWay = this.making.get(key);
    if (underWay !== undefined) return underWay;
    const making = this.makeInTime(key, request).finally(() => this.making.delete(key));
    this.making.set(key, making);
    return making;
  }

  private async makeInTime(key: string, request: PageRequest): Promise<Made> {
    await this.resting.get(key);
    const { clock } = this.context;
    const startMs = clock.monotonic();
    const made = await this.make(request);
    const tookMs = clock.monotonic() - startMs;
    if (tookMs >= cheapMs) this.rest(key, Math.min(tookMs, longestRestMs));
    return made;
  }

  private rest(key: string, ms: number): void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.resting.set(key, promise);
    this.context.clock.after(ms, () => {
      this.resting.delete(key);
      resolve();
    });
  }

  private async make(request: PageRequest): Promise<Made> {
    await this.context.turns.next();
    const frame = this.frame(request.depth);
    try {
      const answered = await pages[request.route](this.context, frame, request.asked);
      if (answered.kind === 'elsewhere') return answered;
      return { kind: 'page', status: 200, bytes: this.bytes(frame, answered.view, request.isPart) };
    } catch (error) {
      return this.refused(frame, problemOf(error), request.isPart);
    }
  }

  /** Makes a refusal into a page that says the same as the API does. */
  private refused(frame: Frame, { status, message }: Problem, isPart: boolean): Made {
    const view: View = { title: 'Not shown', body: problemView(frame, status, message) };
    return { kind: 'page', status, bytes: this.bytes(frame, view, isPart) };
  }

  private frame(depth: number): Frame {
    return { nowMs: this.context.clock.wall(), root: '../'.repeat(depth) };
  }

  private bytes(frame: Frame, view: View, isPart: boolean): PageBytes {
    const parts: ShellParts = { status: this.context.queries.status(), frame, view };
    if (isPart) return new PageBytes(textOf(mainOf(parts)));
    return new PageBytes(`<!doctype html>${textOf(shell(parts, this.assets))}`);
  }
}
