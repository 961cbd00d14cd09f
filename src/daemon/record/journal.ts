import type { Clock } from '#clock.ts';
import type { Config } from '#config/config.ts';
import type { PeerId } from '#policy/ids.ts';
import type { Rib } from '#rib/rib.ts';
import type { RibView } from '#rib/view.ts';
import type { EventBus } from '../event-bus.ts';
import type { RunningPeers } from '../peers/running-peers.ts';
import { SiblingAgreement } from '../siblings/sibling-agreement.ts';
import type { SiblingRoutes } from '../siblings/sibling-routes.ts';
import { AddressCauses } from './address-causes.ts';
import { BestPathCounts } from './best-path-counts.ts';
import { Causes } from './causes.ts';
import { Failovers } from './failovers.ts';
import { History } from './history.ts';
import { KeptHistory } from './kept-history.ts';
import { Recorder } from './recorder.ts';
import { routersOf } from './routers.ts';

export interface JournalParts {
  readonly clock: Clock;
  readonly events: EventBus;
  readonly rib: Rib;
  readonly view: RibView;
  readonly peers: RunningPeers;
  readonly siblings: SiblingRoutes;
  readonly config: () => Config;
}

/** What has happened and why: the recorded events, the causes of what the RIB does, and the failovers. */
export class Journal {
  /** Whoever changes something through the RIB states the reason here. */
  readonly causes: Causes;
  readonly addressCauses: AddressCauses;
  readonly failovers: Failovers;
  readonly bestPathCounts: BestPathCounts;
  /** What was recorded, with a `state_dir` also from before this start. */
  readonly history: History;
  /** Absent without a `state_dir`. */
  readonly keptHistory: KeptHistory | undefined;

  constructor({ clock, events, rib, view, peers, siblings, config }: JournalParts) {
    const nameOf = (id: PeerId): string | undefined => peers.withId(id)?.name;
    const recorder = new Recorder(clock, events);
    this.keptHistory = keptHistoryOf({ clock, events, recorder }, config);
    this.history = new History(recorder, this.keptHistory);
    this.causes = new Causes({ because: rib.because, clock, takeId: () => events.takeId() });
    this.addressCauses = new AddressCauses({ view, causes: this.causes, nameOf });
    this.bestPathCounts = new BestPathCounts({ clock, view, nameOf, recorder });
    this.failovers = new Failovers({
      clock,
      events,
      routers: () => routersOf(peers, view),
      stayed: (causeId) => this.addressCauses.stayed(causeId),
      siblings: new SiblingAgreement({ rib: view, peers, siblings }),
    });
  }

  start(): void {
    this.keptHistory?.start();
    this.bestPathCounts.start();
  }

  /** Resolves when what was recorded is on disk. */
  async stop(): Promise<void> {
    this.bestPathCounts.stop();
    await this.keptHistory?.stop();
  }
}

function keptHistoryOf(
  parts: { readonly clock: Clock; readonly events: EventBus; readonly recorder: Recorder },
  config: () => Config,
): KeptHistory | undefined {
  const { stateDir: directory } = config();
  if (directory === undefined) return undefined;
  return new KeptHistory({ ...parts, directory, limits: () => config().history });
}
