import { BirdFilter, type BirdFunction, type BirdNames } from './bird-filter.ts';
import { readerOf, TokenReader } from './bird-reader.ts';
import { BirdRpki } from './bird-rpki.ts';
import { BirdSession } from './bird-session.ts';
import { birdTokens, brief, textOf, type Token, wordAt } from './bird-tokens.ts';
import type { RuleSource } from './drafts.ts';
import { type Imported, type ImportedPeer, ImportError, nameFor } from './model.ts';
import { Notes } from './notes.ts';
import type { Statement } from './program.ts';
import { compile, type Compiled } from './rules.ts';

/** A BGP protocol or template with its own statements, after those of its template. */
interface Protocol {
  readonly name: string;
  readonly line: number;
  readonly from?: string;
  readonly statements: readonly (readonly Token[])[];
}

/** Reads the bird.conf of BIRD 1.6 or 2 as a route server. Throws an ImportError if the text is none. */
export function importBird(text: string): Imported {
  return new BirdImport(text).read();
}

/** Settings that differ between the defaults of BIRD and ours. */
const defaults = {
  hold_time: 240,
  accept_next_hop: 'any',
  enforce_first_as: false,
  allow_as_sets: true,
  communities: 'interpret_well_known',
  graceful_shutdown: 'ignore',
  rs_client: false,
} as const;

/** Statements at the top level that contain nothing that a route server has to know. */
const silent = new Set([
  'log',
  'debug',
  'timeformat',
  'mrtdump',
  'watchdog',
  'cli',
  'hostname',
  'eval',
  'threads',
]);
const silentProtocols = new Set(['device', 'kernel']);

class BirdImport {
  private readonly notes = new Notes();
  private readonly constants = new Map<string, readonly Token[]>();
  private readonly functions = new Map<string, BirdFunction>();
  private readonly filters = new Map<string, readonly Token[]>();
  private readonly templates = new Map<string, Protocol>();
  private readonly protocols: Protocol[] = [];
  private readonly policies = new Map<string, readonly RuleSource[]>();
  private readonly compiled = new Map<string, Compiled>();
  private readonly listen = new Set<string>();
  private readonly decision: Record<string, string> = {};
  private routerId: string | undefined;
  private readonly rpki = new BirdRpki((line, text) => this.note(line, text));
  private readonly reader: TokenReader;
  private peerNames = new Map<string, string>();

  constructor(text: string) {
    this.reader = new TokenReader(birdTokens(text));
  }

  read(): Imported {
    while (!this.reader.isAtEnd) this.topLevel();
    for (const protocol of this.protocols) {
      const neighbor = this.whole(protocol).find(([first]) => first?.text === 'neighbor');
      if (neighbor !== undefined) this.peerNames.set(wordAt(neighbor, 1), nameFor(protocol.name));
    }
    const made = this.protocols.map((protocol) => this.peer(protocol));
    const first = made.find(({ keys }) => keys.local_as !== undefined);
    const localAs = first?.keys.local_as as number | undefined;
    const peers = made.map((peer) => withoutKey(peer, 'local_as', localAs));
    return {
      ...(this.routerId !== undefined && { routerId: this.routerId }),
      ...(localAs !== undefined && { localAs }),
      listen: [...this.listen],
      decision: this.decision,
      ...(this.rpki.rpki !== undefined && { rpki: this.rpki.rpki }),
      policies: this.policies,
      peers: peers.filter(({ keys }) => keys.range === undefined),
      ranges: peers.filter(({ keys }) => keys.range !== undefined),
      notes: this.notes.list(),
    };
  }

  private topLevel(): void {
    const { reader } = this;
    const { line, text } = reader.next;
    if (reader.skip(';')) return;
    if (reader.skip('router', 'id')) {
      this.routerId = textOf(reader.statement());
      return;
    }
    switch (text) {
      case 'listen':
        return this.listens();
      case 'define':
        return this.define();
      case 'filter':
        return this.filter();
      case 'function':
        return this.function();
      case 'template':
      case 'protocol':
        return this.protocol(text);
      default: {
        const statement = reader.statement();
        const isTable = statement.slice(0, 2).some((token) => token.text === 'table');
        const hasRoas = text === 'roa' && statement.some((token) => token.text === '{');
        if (hasRoas)
          this.note(line, `left out: ${brief(statement)}: ROAs come from RTR caches only`);
        else if (!silent.has(text) && !isTable) this.note(line, `left out: ${brief(statement)}`);
      }
    }
  }

  /** Reads `listen bgp address A port N` of BIRD 1.6. */
  private listens(): void {
    const statement = this.reader.statement();
    const at = statement.findIndex((token) => token.text === 'port');
    const port = at < 0 ? '179' : wordAt(statement, at + 1);
    const address = statement.find(({ kind }) => kind === 'address')?.text;
    if (address === undefined) return;
    this.listen.add(address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`);
  }

  private define(): void {
    this.reader.take();
    const [name, , ...value] = this.reader.statement();
    if (name !== undefined) this.constants.set(name.text, value);
  }

  private filter(): void {
    this.reader.take();
    const name = this.reader.take().text;
    this.filters.set(name, this.body());
  }

  private function(): void {
    this.reader.take();
    const name = this.reader.take().text;
    this.reader.expect('(');
    const parameters = this.reader.block('(', ')');
    if (this.reader.skip('->')) this.reader.take();
    const names = parameters.filter(
      ({ kind, text }, at) =>
        kind === 'word' && parameters[at - 1]?.kind === 'word' && text !== 'set',
    );
    this.functions.set(name, { parameters: names.map(({ text }) => text), body: this.body() });
  }

  /** Takes a block, together with the declarations that BIRD 1.6 has before the brace. */
  private body(): Token[] {
    const before: Token[] = [];
    while (!this.reader.is('{') && !this.reader.isAtEnd) before.push(this.reader.take());
    this.reader.expect('{');
    return [...before, ...this.reader.block('{', '}')];
  }

  private protocol(kind: 'template' | 'protocol'): void {
    const { reader } = this;
    const { line } = reader.take();
    const what = reader.take().text;
    const head: Token[] = [];
    while (!reader.is('{') && !reader.is(';') && !reader.isAtEnd) head.push(reader.take());
    const body = reader.skip('{') ? reader.block('{', '}') : [];
    if (what === 'rpki') {
      this.rpki.take(nameFor(head[0]?.text ?? `rpki${line}`), line, body);
      return;
    }
    if (what !== 'bgp') {
      const name = head.find((token) => token.kind === 'word' && token.text !== 'v3')?.text ?? '';
      const why =
        what === 'direct' || what === 'static' ? ': fingerpost announces no routes of its own' : '';
      if (!silentProtocols.has(what))
        this.note(line, `left out: protocol ${what} ${name}`.trimEnd() + why);
      return;
    }
    const at = head.findIndex((token) => token.text === 'from');
    const named = at === 0 ? undefined : head[0]?.text;
    const name = named ?? `bgp${this.protocols.length + 1}`;
    const inner = readerOf(body);
    const statements: Token[][] = [];
    while (!inner.isAtEnd) {
      const statement = inner.statement();
      if (statement.length > 0) statements.push(statement);
    }
    const protocol = { name, line, statements, ...(at >= 0 && { from: wordAt(head, at + 1) }) };
    if (kind === 'template') this.templates.set(name, protocol);
    else this.protocols.push(protocol);
  }

  /** Returns the statements of a protocol and of its templates, its own last. */
  private whole(
    { name: own, from, statements, line }: Protocol,
    users: readonly string[] = [],
  ): readonly (readonly Token[])[] {
    if (from === undefined) return statements;
    if (users.includes(own)) throw new ImportError(line, `${own} inherits from itself`);
    const template = this.templates.get(from) ?? this.protocols.find(({ name }) => name === from);
    if (template === undefined) {
      this.note(line, `no template ${from}`);
      return statements;
    }
    return [...this.whole(template, [...users, own]), ...statements];
  }

  private peer(protocol: Protocol): ImportedPeer {
    const session = new BirdSession(
      (line, text) => this.note(line, `${protocol.name}: ${text}`),
      this.constants,
    );
    for (const statement of this.whole(protocol)) session.take(statement);
    const policy = this.policyKeys(protocol, session);
    for (const address of session.listens) this.listen.add(address);
    Object.assign(this.decision, session.decision);
    return {
      name: nameFor(protocol.name),
      ...(protocol.from !== undefined && { group: nameFor(protocol.from) }),
      keys: { ...defaults, ...session.keys, ...policy },
    };
  }

  private policyKeys(protocol: Protocol, session: BirdSession): Record<string, unknown> {
    const families = session.families;
    const imported = this.choice(protocol, session, 'import');
    const exported = this.choice(protocol, session, 'export');
    return {
      families: families.map((family) => (family === 0 ? 'ipv4_unicast' : 'ipv6_unicast')),
      import: imported.choice,
      export: exported.choice,
      ...(imported.compiled?.enforcesFirstAs === true && { enforce_first_as: true }),
      ...(imported.compiled?.wantsOwnNextHop === true && { accept_next_hop: 'peer' }),
    };
  }

  private choice(
    protocol: Protocol,
    session: BirdSession,
    direction: 'import' | 'export',
  ): { choice: string; compiled?: Compiled } {
    const given = session.policy[direction];
    const [first] = given;
    if (first === undefined || first.text === 'none') return { choice: 'none' };
    if (first.text === 'all') return { choice: 'all' };
    const isNamed = first.text === 'filter' && given.length === 2;
    const key = isNamed ? wordAt(given, 1) : `${protocol.name}_${direction}`;
    const name = nameFor(key);
    const own = this.compiledOf(given, session, key);
    const shared = this.policies.get(name);
    if (shared !== undefined && JSON.stringify(shared) !== JSON.stringify(own.rules)) {
      const other = nameFor(`${key}_${protocol.name}`);
      this.policies.set(other, own.rules);
      return { choice: other, compiled: own };
    }
    this.policies.set(name, own.rules);
    return { choice: name, compiled: own };
  }

  private compiledOf(given: readonly Token[], session: BirdSession, key: string): Compiled {
    const id = `${key} ${session.families.join()} ${session.peerAs} ${session.address}`;
    const known = this.compiled.get(id);
    if (known !== undefined) return known;
    const line = given[0].line;
    const heard = new Set<string>();
    const note: Notes['add'] = (at, text, isLoose) => {
      if (!heard.has(text)) this.notes.add(at, `${key}: ${text}`, isLoose);
      heard.add(text);
    };
    const filter = new BirdFilter(this.names(), session.context, note);
    const result = compile(this.programOf(given, filter), (text, isLoose) =>
      note(line, text, isLoose),
    );
    this.notes.loosen(result.looseLines);
    this.compiled.set(id, result);
    return result;
  }

  private programOf(given: readonly Token[], filter: BirdFilter): Statement[] {
    const [first, second] = given;
    if (first.text === 'where') {
      const condition = filter.condition(given.slice(1));
      return [
        { kind: 'if', condition, then: [{ kind: 'accept' }], otherwise: [{ kind: 'reject' }] },
      ];
    }
    if (second?.text === '{') return filter.statements(given.slice(2, -1));
    const body = this.filters.get(second?.text ?? '');
    if (body === undefined) this.note(first.line, `no filter ${second?.text ?? ''}`);
    return filter.statements(body ?? []);
  }

  private names(): BirdNames {
    const { constants, functions } = this;
    return { constants, functions, peerAt: (address) => this.peerNames.get(address) };
  }

  private note(line: number, text: string): void {
    this.notes.add(line, text);
  }
}

function withoutKey(peer: ImportedPeer, key: string, value: unknown): ImportedPeer {
  if (peer.keys[key] !== value) return peer;
  const { [key]: _, ...keys } = peer.keys;
  return { ...peer, keys };
}
