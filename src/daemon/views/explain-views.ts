import { originNames } from '#api/names.ts';
import type { CandidateView, Explanation, ExportView } from '#api/views/explain.ts';
import type { PathView, RuleView } from '#api/views/path.ts';
import { none, type PathId, type PeerId, type PrefixId } from '#policy/ids.ts';
import type { NearMiss } from '#policy/judge.ts';
import type { JudgeTrace } from '#policy/verdict.ts';
import type { StepName } from '#rib/decision-steps.ts';
import {
  type Candidate,
  type ClientOutcome,
  explainClient,
  explainPaths,
  explainRefused,
  refusedBeyond,
} from '#rib/explain.ts';
import { type Demotion, type PathClass, pathClasses } from '#rib/path-class.ts';
import type { Rib } from '#rib/rib.ts';
import type { FamilyView, RibView } from '#rib/view.ts';
import { formatRouterId } from '#text/address.ts';
import { formatPrefix, formatPrefixPattern } from '#text/prefix.ts';
import type { Prefix } from '#wire/nlri.ts';
import type { ValidityViews } from '../rpki/validity-views.ts';
import type { PathViews } from './path-views.ts';
import type { Row } from './route-listing.ts';
import type { ViewedPeer } from './viewed-peer.ts';

/** How many withheld paths are listed for each client; with all of them an answer would grow by clients times paths. */
const mostWithheld = 10;

/** Makes the JSON of `explain` from the decision's and the judges' own traces. */
export class ExplainViews {
  private readonly rib: Rib;
  private readonly view: RibView;
  private readonly running: Iterable<ViewedPeer>;
  private readonly paths: PathViews;
  private readonly validity: ValidityViews;

  constructor(
    rib: Rib,
    view: RibView,
    running: Iterable<ViewedPeer>,
    paths: PathViews,
    validity: ValidityViews,
  ) {
    this.validity = validity;
    this.rib = rib;
    this.view = view;
    this.running = running;
    this.paths = paths;
  }

  /** Returns `undefined` for a prefix that no peer announces. With `client`, only what that client is sent. */
  explain(prefix: Prefix, client?: ViewedPeer): Explanation | undefined {
    const family = this.view.families[prefix.family];
    const id = family.find(prefix);
    if (id === none) return undefined;
    const [best] = family.inOrder(id);
    const clients = [...this.running].filter((peer) => peer.config.export !== 'none');
    const notListed = refusedBeyond(this.rib, family.family, id);
    return {
      prefix: formatPrefix(prefix),
      ...(best !== undefined && { best: this.paths.path(family, best, 1) }),
      ...this.validity.ofPrefix(prefix),
      ...(notListed > 0 && { refused_not_listed: notListed }),
      candidates: this.candidates(family, prefix),
      exports: this.exports(family, prefix, client === undefined ? clients : [client]),
    };
  }

  private *candidates(family: FamilyView, prefix: Prefix): Generator<CandidateView> {
    const id = family.find(prefix);
    if (id === none) return;
    for (const candidate of explainPaths(this.rib, family.family, id)) {
      yield this.candidate(family, prefix, candidate);
      if (family.find(prefix) !== id) return;
    }
  }

  /** Clients that have gone meanwhile are left out, and all of them once the prefix has gone. */
  private *exports(
    family: FamilyView,
    prefix: Prefix,
    clients: readonly ViewedPeer[],
  ): Generator<ExportView> {
    for (const peer of clients) {
      const id = family.find(prefix);
      if (id === none) return;
      if (this.isRunning(peer)) yield this.export(family, id, peer);
    }
  }

  private isRunning(peer: ViewedPeer): boolean {
    for (const running of this.running) if (running === peer) return true;
    return false;
  }

  /** Returns what the client is not sent although its session is up and the path is not its own. */
  withheld(family: FamilyView, prefix: PrefixId, client: PeerId): Row[] {
    const peer = this.rib.peer(client);
    if (peer.send === undefined) return [];
    if (!peer.isUp(family.family)) {
      const best = family.best(prefix);
      if (best === none || family.peerOf(best) === client) return [];
      return [() => ({ ...this.paths.path(family, best), reason: 'family_not_negotiated' })];
    }
    return this.withheldPaths(family, this.outcome(family, prefix, client));
  }

  /** Returns a path that was refused, with the rule that refused it or nearly accepted it. */
  refused(family: FamilyView, path: PathId): PathView {
    const { judged, nearMiss } = explainRefused(this.rib, family.family, path);
    const by = nearMiss === undefined ? ruleView(judged) : { rule: { ...nearMiss.rule } };
    return { ...this.paths.path(family, path), ...by };
  }

  outcome(family: FamilyView, prefix: PrefixId, client: PeerId): ClientOutcome {
    return explainClient(this.rib, family.family, prefix, client);
  }

  private candidate(family: FamilyView, prefix: Prefix, candidate: Candidate): CandidateView {
    const { path, rank, lost, judged, nearMiss } = candidate;
    const step =
      lost?.step === 'class' && family.serviceClass(path) === undefined ? 'drained' : lost?.step;
    const would = conditionOf(candidate);
    return {
      ...this.paths.whole(family, path, rank),
      ...(lost !== undefined &&
        step !== undefined && {
          lost_at: step,
          ours: this.stepValue(step, lost.ours),
          winners: this.stepValue(step, lost.winners),
        }),
      ...this.validityOf(family, prefix, path),
      ...(would !== undefined && { would_win_if: would }),
      ...(nearMiss === undefined ? ruleView(judged) : nearMissView(nearMiss)),
    };
  }

  private validityOf(family: FamilyView, prefix: Prefix, path: PathId) {
    const { asPath } = this.view.attributes(family.path(path).received);
    const source = family.peerOf(path);
    const peer = [...this.running].find(({ ribId }) => ribId === source);
    return this.validity.ofPath(prefix, asPath, peer?.config.role);
  }

  private export(family: FamilyView, prefix: PrefixId, peer: ViewedPeer): ExportView {
    const outcome = this.outcome(family, prefix, peer.ribId);
    const { reason, sent, judged } = outcome;
    const { send } = this.rib.peer(peer.ribId);
    const isUp = send?.families[family.family] === true;
    const rows = isUp && sent !== undefined ? this.withheldPaths(family, outcome) : [];
    return {
      peer: peer.name,
      ...(sent !== undefined &&
        isUp &&
        !peer.config.shadow && { sent: this.paths.advertised(family, sent.path, sent.attrs) }),
      reason: clientReason(peer, send !== undefined, isUp, reason),
      ...ruleView(judged),
      ...(rows.length > 0 && { withheld: rows.slice(0, mostWithheld).map((row) => row()) }),
      ...(rows.length > mostWithheld && { withheld_not_listed: rows.length - mostWithheld }),
    };
  }

  private withheldPaths(family: FamilyView, { withheld }: ClientOutcome): (() => PathView)[] {
    return withheld.map(({ path, reason, judged }) => () => ({
      ...this.paths.path(family, path),
      reason,
      ...ruleView(judged),
    }));
  }

  /** Returns the value for operators: the decision negates values of which the higher is better. */
  private stepValue(step: StepName | 'drained', value: number): string | number {
    switch (step) {
      case 'class':
        return classWords[pathClasses[value]];
      case 'drained':
        return drainedWords[value];
      case 'local_pref':
        return -value;
      case 'origin':
        return originNames[value];
      case 'router_id':
        return formatRouterId(value);
      case 'peer_address':
        return this.addressOfRank(value);
      default:
        return value;
    }
  }

  private addressOfRank(rank: number): string {
    const peer = [...this.running].find((row) => this.view.addressRank(row.ribId) === rank);
    return peer?.config.addressText ?? String(rank);
  }
}

const classWords: Readonly<Record<PathClass, string>> = {
  up: 'up',
  drained: 'up, drained',
  not_answering: 'up, not answering',
  disabled: 'disabled',
  down: 'down',
  long_lived_stale: 'long-lived stale',
};

/** For prefixes outside services: by the demotion of the path. */
const drainedWords = ['no', 'yes', 'long-lived stale'];

const endOf: Readonly<Record<Demotion, string>> = {
  drain: 'its drain ends',
  graceful_shutdown: 'it is announced without GRACEFUL_SHUTDOWN',
  not_answering: 'its node answers',
};

/** Returns `its MED is at most 99` or `its drain ends`. */
function conditionOf({ winsWithMed, winsWithout }: Candidate): string | undefined {
  const conditions = [
    ...(winsWithMed === undefined ? [] : [`its MED is at most ${winsWithMed}`]),
    ...(winsWithout === undefined ? [] : [winsWithout.map((name) => endOf[name]).join(' and ')]),
  ];
  return conditions.length === 0 ? undefined : conditions.join(', or ');
}

/** Returns the reasons that come before all reasons of policy: the session is down, or nothing may be sent yet. */
function clientReason(peer: ViewedPeer, isUp: boolean, hasFamily: boolean, reason: string): string {
  if (!isUp) return 'peer_down';
  if (!hasFamily) return 'family_not_negotiated';
  return peer.config.shadow && reason === 'sent' ? 'shadow' : reason;
}

function nearMissView({ rule, pattern }: NearMiss) {
  const { minBits, maxBits } = pattern;
  const lengths = minBits === maxBits ? `${minBits}` : `${minBits} to ${maxBits}`;
  return {
    pattern: formatPrefixPattern(pattern),
    would_be_accepted_if: `its length is ${lengths}`,
    rule: { ...rule },
  };
}

function ruleView(judged: JudgeTrace | undefined): { rule?: RuleView } {
  return judged?.rule === undefined ? {} : { rule: { ...judged.rule } };
}
