import type { Config, PeerConfig } from '#config/config.ts';
import { nearest } from '#config/read/scalar.ts';
import type { Place } from '#config/read/source.ts';
import { peerWithAddress } from '#config/resolve/peer-range.ts';
import { itemsOf, mapped, parsedAt, parsedList, type Scope } from '#config/resolve/scope.ts';
import { rejectReasons } from '#policy/policy.ts';
import type { Aspa, Vrp } from '#rpki/pdu.ts';
import { parseAddress, parseRouterId, parseZonedAddress } from '#text/address.ts';
import { formatPrefix, parsePrefix } from '#text/prefix.ts';
import { TextError } from '#text/text-error.ts';
import { families, familyNames } from '#wire/constants.ts';
import type { Prefix } from '#wire/nlri.ts';
import type { Case, CasePlace, Expectation, RouteCheck, SentGroup, Stage, Step } from './cases.ts';
import { routeAttributes, shownAttributes } from './route-attributes.ts';
import {
  actionKeys,
  type CaseSource,
  type ExpectationSource,
  type SentSource,
  type StageSource,
  type StepSource,
} from './schema.ts';

const nothing = 'none';
const reasons: readonly string[] = [nothing, ...rejectReasons.filter((it) => it !== 'accepted')];

/** The keys of an expectation that need a prefix as its subject. */
const routeKeys = ['best', 'backup', 'rejected', 'sent', 'coherence'] as const;

/**
 * Makes cases of what was read. Every error is added to the problems of the scope, and a case with an error is
 * left out.
 */
export class CaseResolver {
  private readonly scope: Scope;
  private readonly config: Config;
  private readonly nodes: ReadonlySet<string>;

  constructor(scope: Scope, config: Config) {
    this.scope = scope;
    this.config = config;
    this.nodes = new Set(config.peers.map(({ node }) => node));
  }

  resolve(source: CaseSource): Case {
    return {
      name: source.name,
      place: this.placed(this.scope.places.ofContainer(source)),
      stages: [this.stage(source), ...(source.then ?? []).map((later) => this.stage(later))],
    };
  }

  private stage({ given = [], expect = [] }: StageSource): Stage {
    return {
      steps: given.flatMap((step) => this.step(step) ?? []),
      expectations: expect.flatMap((expectation) => this.expectation(expectation) ?? []),
    };
  }

  private step(source: StepSource): Step | undefined {
    const { places } = this.scope;
    if (!places.isWhole(source)) return undefined;
    const place = this.placed(places.ofContainer(source));
    const [action, ...others] = actionKeys.filter((key) => source[key] !== undefined);
    if (action === undefined) {
      return this.fault(places.ofContainer(source), `expected one of ${actionKeys.join(', ')}`);
    }
    if (others.length > 0) {
      const [other] = others;
      return this.fault(
        places.ofKey(source, other),
        `${other}: a step has only one of ${action} and ${other}`,
      );
    }
    switch (action) {
      case 'drain':
      case 'undrain': {
        const node = this.node(source, action, source[action] ?? '');
        return node === undefined
          ? undefined
          : {
              kind: 'drain',
              node,
              isDrained: action === 'drain',
              isForced: source.force === true,
              place,
            };
      }
      case 'probe':
        return this.probe(source.probe, place);
      case 'vrps':
        return { kind: 'vrps', vrps: this.vrps(source.vrps), place };
      case 'aspas':
        return { kind: 'aspas', aspas: this.aspas(source.aspas), place };
      case 'sibling':
        return this.sibling(source.sibling, place);
      default:
        return this.peerStep(source, action, place);
    }
  }

  private probe(source: StepSource['probe'], place: CasePlace): Step | undefined {
    if (source === undefined) return undefined;
    const { node: name, service: serviceName, answering } = source;
    const node = this.node(source, 'node', name);
    const service = mapped(serviceName, (it) => this.service(source, it));
    if (node === undefined || (serviceName !== undefined && service === undefined))
      return undefined;
    return {
      kind: 'probe',
      node,
      isAnswering: answering,
      ...(service !== undefined && { service }),
      place,
    };
  }

  private vrps(source: StepSource['vrps'] = []): Vrp[] {
    return source.flatMap((row) => {
      const [prefix] = this.prefixes(row, 'prefix', row.prefix);
      if (prefix === undefined) return [];
      const { max_length: maxLengthBits = prefix.lengthBits, asn } = row;
      const widest = families[prefix.family].maxLengthBits;
      if (maxLengthBits >= prefix.lengthBits && maxLengthBits <= widest) {
        return [{ ...prefix, maxLengthBits, asn }];
      }
      const text = `max_length: expected ${prefix.lengthBits} to ${widest}`;
      this.fault(this.scope.places.ofValue(row, 'max_length'), text);
      return [];
    });
  }

  private aspas(source: StepSource['aspas'] = []): Aspa[] {
    return source.map(({ customer, providers }) => ({
      customer,
      providers: [...new Set(providers)].toSorted((a, b) => a - b),
    }));
  }

  private sibling(source: StepSource['sibling'], place: CasePlace): Step | undefined {
    if (source === undefined) return undefined;
    const { places } = this.scope;
    const sibling = this.peer(source, 'name', source.name);
    if (sibling === undefined) return undefined;
    if (!sibling.observer) {
      const text = `name: ${sibling.name} is not a sibling: it lacks observer: true`;
      return this.fault(places.ofValue(source, 'name'), text);
    }
    const prefixes = this.prefixes(source, 'best', source.best);
    const { next_hop, med } = source;
    if (next_hop === undefined) {
      if (med === undefined) return { kind: 'sibling', sibling, prefixes, place };
      return this.fault(places.ofKey(source, 'med'), 'med: has no meaning without a next_hop');
    }
    const nextHop = parsedAt(this.scope, places.ofValue(source, 'next_hop'), 'next_hop', () =>
      parseAddress(next_hop),
    );
    if (nextHop === undefined) return undefined;
    const route = { nextHop, ...(med !== undefined && { med }) };
    return { kind: 'sibling', sibling, prefixes, route, place };
  }

  private peerStep(
    source: StepSource,
    kind: 'announce' | 'withdraw' | 'up' | 'down',
    place: CasePlace,
  ): Step | undefined {
    const { places } = this.scope;
    if (source.peer === undefined) {
      return this.fault(
        places.ofKey(source, kind),
        `${kind}: peer is missing; give the name of the peer`,
      );
    }
    const peer = this.peer(source, 'peer', source.peer);
    if (peer === undefined) return undefined;
    if (!peer.enabled) {
      return this.fault(
        places.ofValue(source, 'peer'),
        `peer: ${peer.name} is disabled in the configuration`,
      );
    }
    if (peer.observer) {
      return this.fault(
        places.ofValue(source, 'peer'),
        `peer: ${peer.name} is an observer, whose routes are never used`,
      );
    }
    this.refuseStrangers(source, kind);
    const routerId = mapped(source.router_id, (text) =>
      parsedAt(this.scope, places.ofValue(source, 'router_id'), 'router_id', () =>
        parseRouterId(text),
      ),
    );
    const identity = routerId === undefined ? {} : { routerId };
    if (kind === 'down') return { kind, peer, place };
    if (kind === 'up') return { kind, peer, ...identity, place };
    const prefixes = this.prefixes(source, kind, source[kind] ?? []);
    this.refuseFamilies(source, kind, peer, prefixes);
    if (kind === 'withdraw') return { kind, peer, prefixes, place };
    const attributes = routeAttributes(this.scope, source, peer, prefixes);
    if (attributes === undefined) return undefined;
    return { kind, peer, prefixes, attributes, ...identity, place };
  }

  /** Attributes of a route have no meaning in another kind of step. */
  private refuseStrangers(source: StepSource, kind: string): void {
    if (kind === 'announce') return;
    const allowed = kind === 'up' ? ['peer', kind, 'router_id'] : ['peer', kind];
    for (const key of Object.keys(source).filter((it) => !allowed.includes(it))) {
      this.fault(this.scope.places.ofKey(source, key), `${key}: has no meaning beside ${kind}`);
    }
  }

  private refuseFamilies(
    source: StepSource,
    kind: string,
    peer: PeerConfig,
    prefixes: readonly Prefix[],
  ): void {
    const stranger = prefixes.find(({ family }) => !peer.families.includes(family));
    if (stranger === undefined) return;
    this.fault(
      this.scope.places.ofValue(source, kind),
      `${kind}: ${peer.name} does not have ${familyNames[stranger.family]} in its families`,
    );
  }

  private expectation(source: ExpectationSource): Expectation | undefined {
    const { places } = this.scope;
    if (!places.isWhole(source)) return undefined;
    const { prefix, service, peer } = source;
    const subjects = (['prefix', 'service', 'peer'] as const).filter(
      (key) => source[key] !== undefined,
    );
    if (subjects.length !== 1) {
      return this.fault(
        places.ofContainer(source),
        'expected exactly one of prefix, service and peer',
      );
    }
    if (prefix !== undefined) return this.route(source, prefix);
    if (service !== undefined) return this.serviceState(source, service);
    return this.session(source, peer ?? '');
  }

  private serviceState(source: ExpectationSource, name: string): Expectation | undefined {
    if (source.state === undefined) return this.missing(source, 'state');
    if (this.service(source, name) === undefined) return undefined;
    return { kind: 'service', name, state: source.state, place: this.ofKey(source, 'state') };
  }

  private session(source: ExpectationSource, name: string): Expectation | undefined {
    if (source.up === undefined) return this.missing(source, 'up');
    const peer = this.peer(source, 'peer', name);
    if (peer === undefined) return undefined;
    return { kind: 'session', peer: peer.name, isUp: source.up, place: this.ofKey(source, 'up') };
  }

  private route(source: ExpectationSource, text: string): Expectation | undefined {
    const { places } = this.scope;
    const [prefix] = this.prefixes(source, 'prefix', text);
    if (prefix === undefined) return undefined;
    if (routeKeys.every((key) => source[key] === undefined)) {
      return this.fault(places.ofContainer(source), `expected one of ${routeKeys.join(', ')}`);
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
    const peer = mapped(source[kind], (name) => this.peerOrNone(source, kind, name));
    return peer === undefined ? undefined : { kind, peer, place: this.ofKey(source, kind) };
  }

  private rejected(source: ExpectationSource): RouteCheck | undefined {
    const { from, rejected } = source;
    if (rejected === undefined)
      return from === undefined ? undefined : this.missing(source, 'rejected');
    if (from === undefined) return this.missing(source, 'from');
    const peer = this.peer(source, 'from', from);
    if (!reasons.includes(rejected)) {
      const hint = hintOf(rejected, reasons);
      return this.fault(
        this.scope.places.ofValue(source, 'rejected'),
        `rejected: no path is ever rejected for ${rejected}${hint}`,
      );
    }
    if (peer === undefined) return undefined;
    return {
      kind: 'rejected',
      from: peer.name,
      reason: rejected,
      place: this.ofKey(source, 'rejected'),
    };
  }

  private coherence(source: ExpectationSource): RouteCheck | undefined {
    const { coherence: state } = source;
    if (state === undefined) return undefined;
    return { kind: 'coherence', state, place: this.ofKey(source, 'coherence') };
  }

  private sentCheck(source: ExpectationSource): RouteCheck | undefined {
    const { sent } = source;
    if (sent === undefined) return undefined;
    const place = this.ofKey(source, 'sent');
    if (sent === nothing) return { kind: 'sent', groups: [], place };
    const groups = (Array.isArray(sent) ? sent : [sent]).map((group) => this.group(group));
    return { kind: 'sent', groups, place };
  }

  private group(source: SentSource): SentGroup {
    const { scope } = this;
    const to = itemsOf(scope, source, 'to', source.to).flatMap(({ item, place }) => {
      const peer = this.peerAt(place, 'to', item);
      if (peer !== undefined && peer.export === 'none') {
        this.fault(
          place,
          `to: ${peer.name} is not a client: its export is none, so it is never sent a route`,
        );
      }
      return peer === undefined ? [] : [peer.name];
    });
    const place = this.placed(scope.places.ofContainer(source));
    return { to, attributes: shownAttributes(scope, source), place };
  }

  private prefixes(source: object, key: string, value: string | readonly string[]): Prefix[] {
    return parsedList(this.scope, source, key, value, (text) => parsePrefix(text));
  }

  private peerOrNone(source: object, key: string, name: string): string | undefined {
    return name === nothing ? nothing : this.peer(source, key, name)?.name;
  }

  private peer(source: object, key: string, name: string): PeerConfig | undefined {
    return this.peerAt(this.scope.places.ofValue(source, key), key, name);
  }

  /** Finds a peer by name, otherwise by address, which may be in the range of a peer. */
  private peerAt(place: Place, key: string, name: string): PeerConfig | undefined {
    const { peers } = this.config;
    const found = peers.find((peer) => peer.name === name) ?? this.peerWithAddress(name);
    if (found !== undefined) return found;
    const hint = hintOf(
      name,
      peers.map((peer) => peer.name),
    );
    return this.fault(place, `${key}: the configuration has no peer ${name}${hint}`);
  }

  private peerWithAddress(text: string): PeerConfig | undefined {
    try {
      const { address, zone } = parseZonedAddress(text);
      return peerWithAddress(this.config, address, zone);
    } catch (error) {
      if (error instanceof TextError) return undefined;
      throw error;
    }
  }

  private node(source: object, key: string, name: string): string | undefined {
    if (this.nodes.has(name)) return name;
    const place = this.scope.places.ofValue(source, key);
    return this.fault(
      place,
      `${key}: no peer belongs to the node ${name}${hintOf(name, [...this.nodes])}`,
    );
  }

  private service(source: object, name: string): number | undefined {
    const names = this.config.services.map((service) => service.name);
    const index = names.indexOf(name);
    if (index >= 0) return index;
    const place = this.scope.places.ofValue(source, 'service');
    return this.fault(
      place,
      `service: the configuration has no service ${name}${hintOf(name, names)}`,
    );
  }

  private missing(source: object, key: string): undefined {
    return this.fault(this.scope.places.ofContainer(source), `${key} is missing`);
  }

  private fault(place: Place, message: string): undefined {
    this.scope.problems.add(place, message);
  }

  private ofKey(source: object, key: string): CasePlace {
    return this.placed(this.scope.places.ofKey(source, key));
  }

  private placed({ source, offset }: Place): CasePlace {
    return { file: source.file, ...source.position(offset) };
  }
}

function hintOf(given: string, known: readonly string[]): string {
  const near = nearest(given, known);
  return near === undefined ? '' : `; did you mean ${near}?`;
}
