import type { Rib } from '#rib/rib.ts';

/**
 * Whether the RIB makes progress: false if it had work at the last check, has some now, and nothing was done in
 * between. This is for the watchdog, whose checks are seconds apart, while a slice takes a few ms.
 */
export class Progress {
  private readonly rib: Pick<Rib, 'hasWork' | 'version'>;
  private versionWithWork: number | undefined;

  constructor(rib: Pick<Rib, 'hasWork' | 'version'>) {
    this.rib = rib;
  }

  isMade(): boolean {
    const { hasWork, version } = this.rib;
    const isStuck = hasWork && this.versionWithWork === version;
    this.versionWithWork = hasWork ? version : undefined;
    return !isStuck;
  }
}
