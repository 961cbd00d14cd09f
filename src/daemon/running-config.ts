import type { Clock } from '#clock.ts';
import type { Config } from '#config/config.ts';

/** The running configuration, when it was loaded, and whether the last reload succeeded. */
export class RunningConfig {
  private readonly clock: Clock;
  private running: Config;
  private loadedMs: number;
  private isLastReloadOk = true;

  constructor(config: Config, clock: Clock) {
    this.clock = clock;
    this.running = config;
    this.loadedMs = clock.wall();
  }

  get current(): Config {
    return this.running;
  }

  /** Milliseconds, by the wall clock. */
  get loadedWallMs(): number {
    return this.loadedMs;
  }

  get lastReloadOk(): boolean {
    return this.isLastReloadOk;
  }

  /** From now on this configuration counts; the daemon's parts follow one after the other. */
  replace(config: Config): void {
    this.running = config;
  }

  /** Every part follows the present configuration. */
  applied(): void {
    this.loadedMs = this.clock.wall();
  }

  /** A reload is over: its configuration runs, or was refused. */
  reloaded(isOk: boolean): void {
    this.isLastReloadOk = isOk;
  }
}
