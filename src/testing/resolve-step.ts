import type { PeerConfig } from '#config/config.ts';
import type { Aspa, Vrp } from '#rpki/pdu.ts';
import { parseAddress, parseRouterId } from '#text/address.ts';
import { families, familyNames } from '#wire/constants.ts';
import type { Prefix } from '#wire/nlri.ts';
import { mapped, parsedAt } from '#yaml/scope.ts';
import type { CaseScope } from './case-scope.ts';
import type { CasePlace, Step } from './cases.ts';
import { routeAttributes } from './route-attributes.ts';
import { actionKeys, type StepSource } from './schema.ts';

/** Makes a step of what was read: something that happens. */
export class StepResolver {
  private readonly scope: CaseScope;

  constructor(scope: CaseScope) {
    this.scope = scope;
  }

  resolve(source: StepSource): Step | undefined {
    const { places } = this.scope;
    if (!places.isWhole(source)) return undefined;
    const place = this.scope.placed(places.ofContainer(source));
    const [action, ...others] = actionKeys.filter((key) => source[key] !== undefined);
    if (action === undefined) {
      return this.scope.fault(
        places.ofContainer(source),
        `expected one of ${actionKeys.join(', ')}`,
      );
    }
    if (others.length > 0) {
      const [other] = others;
      return this.scope.fault(
        places.ofKey(source, other),
        `${other}: a step has only one of ${action} and ${other}`,
      );
    }
    switch (action) {
      case 'drain':
      case 'undrain':
        return this.drain(source, action, place);
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

  private drain(
    source: StepSource,
    action: 'drain' | 'undrain',
    place: CasePlace,
  ): Step | undefined {
    const node = this.scope.node(source, action, source[action] ?? '');
    if (node === undefined) return undefined;
    const isForced = source.force === true;
    return { kind: 'drain', node, isDrained: action === 'drain', isForced, place };
  }

  private probe(source: StepSource['probe'], place: CasePlace): Step | undefined {
    if (source === undefined) return undefined;
    const { node: name, service: serviceName, answering } = source;
    const node = this.scope.node(source, 'node', name);
    const service = mapped(serviceName, (it) => this.scope.service(source, it));
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
      const [prefix] = this.scope.prefixes(row, 'prefix', row.prefix);
      if (prefix === undefined) return [];
      const { max_length: maxLengthBits = prefix.lengthBits, asn } = row;
      const widest = families[prefix.family].maxLengthBits;
      if (maxLengthBits >= prefix.lengthBits && maxLengthBits <= widest) {
        return [{ ...prefix, maxLengthBits, asn }];
      }
      const text = `max_length: expected ${prefix.lengthBits} to ${widest}`;
      this.scope.fault(this.scope.places.ofValue(row, 'max_length'), text);
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
    const sibling = this.scope.peer(source, 'name', source.name);
    if (sibling === undefined) return undefined;
    if (!sibling.observer) {
      const text = `name: ${sibling.name} is not a sibling: it lacks observer: true`;
      return this.scope.fault(places.ofValue(source, 'name'), text);
    }
    const prefixes = this.scope.prefixes(source, 'best', source.best);
    const { next_hop, med } = source;
    if (next_hop === undefined) {
      if (med === undefined) return { kind: 'sibling', sibling, prefixes, place };
      return this.scope.fault(
        places.ofKey(source, 'med'),
        'med: has no meaning without a next_hop',
      );
    }
    const nextHop = parsedAt(this.scope.read, places.ofValue(source, 'next_hop'), 'next_hop', () =>
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
      return this.scope.fault(
        places.ofKey(source, kind),
        `${kind}: peer is missing; give the name of the peer`,
      );
    }
    const peer = this.scope.peer(source, 'peer', source.peer);
    if (peer === undefined) return undefined;
    if (!peer.enabled) {
      return this.scope.fault(
        places.ofValue(source, 'peer'),
        `peer: ${peer.name} is disabled in the configuration`,
      );
    }
    if (peer.observer) {
      return this.scope.fault(
        places.ofValue(source, 'peer'),
        `peer: ${peer.name} is an observer, whose routes are never used`,
      );
    }
    this.refuseRouteKeys(source, kind);
    const routerId = mapped(source.router_id, (text) =>
      parsedAt(this.scope.read, places.ofValue(source, 'router_id'), 'router_id', () =>
        parseRouterId(text),
      ),
    );
    const identity = routerId === undefined ? {} : { routerId };
    if (kind === 'down') return { kind, peer, place };
    if (kind === 'up') return { kind, peer, ...identity, place };
    const prefixes = this.scope.prefixes(source, kind, source[kind] ?? []);
    this.refuseFamilies(source, kind, peer, prefixes);
    if (kind === 'withdraw') return { kind, peer, prefixes, place };
    const attributes = routeAttributes(this.scope.read, source, peer, prefixes);
    if (attributes === undefined) return undefined;
    return { kind, peer, prefixes, attributes, ...identity, place };
  }

  /** Refuses the attributes of a route in another kind of step, where they have no meaning. */
  private refuseRouteKeys(source: StepSource, kind: string): void {
    if (kind === 'announce') return;
    const allowed = kind === 'up' ? ['peer', kind, 'router_id'] : ['peer', kind];
    for (const key of Object.keys(source).filter((it) => !allowed.includes(it))) {
      this.scope.fault(
        this.scope.places.ofKey(source, key),
        `${key}: has no meaning beside ${kind}`,
      );
    }
  }

  private refuseFamilies(
    source: StepSource,
    kind: string,
    peer: PeerConfig,
    prefixes: readonly Prefix[],
  ): void {
    const foreign = prefixes.find(({ family }) => !peer.families.includes(family));
    if (foreign === undefined) return;
    this.scope.fault(
      this.scope.places.ofValue(source, kind),
      `${kind}: ${peer.name} does not have ${familyNames[foreign.family]} in its families`,
    );
  }
}
