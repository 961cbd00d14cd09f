import { rejectReasons } from '#policy/reasons.ts';
import { formatPrefix } from '#text/prefix.ts';
import { itemsOf, mapped } from '#yaml/scope.ts';
import { type CaseScope, hintOf, nothing } from './case-scope.ts';
import type { Expectation, RouteCheck, SentGroup } from './cases.ts';
import { shownAttributes } from './route-attributes.ts';
import type { ExpectationSource, SentSource } from './schema.ts';

const reasons: readonly string[] = [nothing, ...rejectReasons.filter((it) => it !== 'accepted')];

/** The keys of an expectation that need a prefix as its subject. */
const routeKeys = ['best', 'backup', 'rejected', 'sent', 'coherence'] as const;

/** Makes an expectation of what was read: what must hold after the steps. */
export class ExpectationResolver {
  private readonly scope: CaseScope;

  constructor(scope: CaseScope) {
    this.scope = scope;
  }

  resolve(source: ExpectationSource): Expectation | undefined {
    const { places } = this.scope;
    if (!places.isWhole(source)) return undefined;
    const { prefix, service, peer } = source;
    const subjects = (['prefix', 'service', 'peer'] as const).filter(
      (key) => source[key] !== undefined,
    );
    if (subjects.length !== 1) {
      return this.scope.fault(
        places.ofContainer(source),
        'expected exactly one of prefix, service and peer',
      );
    }
    if (prefix !== undefined) return this.route(source, prefix);
    if (service !== undefined) return this.serviceState(source, service);
    return this.session(source, peer ?? '');
  }

  private serviceState(source: ExpectationSource, name: string): Expectation | undefined {
    if (source.state === undefined) return this.scope.missing(source, 'state');
    if (this.scope.service(source, name) === undefined) return undefined;
    return { kind: 'service', name, state: source.state, place: this.scope.ofKey(source, 'state') };
  }

  private session(source: ExpectationSource, name: string): Expectation | undefined {
    if (source.up === undefined) return this.scope.missing(source, 'up');
    const peer = this.scope.peer(source, 'peer', name);
    if (peer === undefined) return undefined;
    return {
      kind: 'session',
      peer: peer.name,
      isUp: source.up,
      place: this.scope.ofKey(source, 'up'),
    };
  }

  private route(source: ExpectationSource, text: string): Expectation | undefined {
    const { places } = this.scope;
    const [prefix] = this.scope.prefixes(source, 'prefix', text);
    if (prefix === undefined) return undefined;
    if (routeKeys.every((key) => source[key] === undefined)) {
      return this.scope.fault(
        places.ofContainer(source),
        `expected one of ${routeKeys.join(', ')}`,
      );
    }
    const checks = [
      this.ranked(source, 'best'),
      this.ranked(source, 'backup'),
      this.rejected(source),
      this.sentCheck(source),
      this.coherence(source),
    ].flatMap((check) => check ?? []);
    return { kind: 'route', prefix, text: formatPrefix(prefix), checks };
  }

  private ranked(source: ExpectationSource, kind: 'best' | 'backup'): RouteCheck | undefined {
    const peer = mapped(source[kind], (name) => this.scope.peerOrNone(source, kind, name));
    return peer === undefined ? undefined : { kind, peer, place: this.scope.ofKey(source, kind) };
  }

  private rejected(source: ExpectationSource): RouteCheck | undefined {
    const { from, rejected } = source;
    if (rejected === undefined)
      return from === undefined ? undefined : this.scope.missing(source, 'rejected');
    if (from === undefined) return this.scope.missing(source, 'from');
    const peer = this.scope.peer(source, 'from', from);
    if (!reasons.includes(rejected)) {
      const hint = hintOf(rejected, reasons);
      return this.scope.fault(
        this.scope.places.ofValue(source, 'rejected'),
        `rejected: ${rejected} is not a reason for which a path is rejected${hint}`,
      );
    }
    if (peer === undefined) return undefined;
    return {
      kind: 'rejected',
      from: peer.name,
      reason: rejected,
      place: this.scope.ofKey(source, 'rejected'),
    };
  }

  private coherence(source: ExpectationSource): RouteCheck | undefined {
    const { coherence: state } = source;
    if (state === undefined) return undefined;
    return { kind: 'coherence', state, place: this.scope.ofKey(source, 'coherence') };
  }

  private sentCheck(source: ExpectationSource): RouteCheck | undefined {
    const { sent } = source;
    if (sent === undefined) return undefined;
    const place = this.scope.ofKey(source, 'sent');
    if (sent === nothing) return { kind: 'sent', groups: [], place };
    const groups = (Array.isArray(sent) ? sent : [sent]).map((group) => this.group(group));
    return { kind: 'sent', groups, place };
  }

  private group(source: SentSource): SentGroup {
    const { scope } = this;
    const to = itemsOf(scope.read, source, 'to', source.to).flatMap(({ item, place }) => {
      const peer = this.scope.peerAt(place, 'to', item);
      if (peer !== undefined && peer.export === 'none') {
        this.scope.fault(
          place,
          `to: ${peer.name} is not a client: its export is none, so it is never sent a route`,
        );
      }
      return peer === undefined ? [] : [peer.name];
    });
    const place = this.scope.placed(scope.places.ofContainer(source));
    return { to, attributes: shownAttributes(scope.read, source), place };
  }
}
