import type { Rib } from '#rib/rib.ts';

/**
 * Whether the RIB gets on: false when it had work at the last question, has some now, and nothing was
 * done between the two. For the watchdog, whose questions are seconds apart: a slice takes a few ms.
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
