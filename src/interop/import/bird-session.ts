import { isDeepStrictEqual } from 'node:util';
import { readerOf } from './bird-reader.ts';
import { brief, textOf, type Token, wordAt } from './bird-tokens.ts';
import { type Limit, otherLimit } from './model.ts';

const limitWords: Readonly<Record<string, string>> = {
  block: 'block',
  warn: 'warning',
  restart: 'restart',
  disable: 'shutdown',
};

/** Words of a session that have no meaning here, or state what is true anyway. */
const needless = new Set([
  'table',
  'igp',
  'gateway',
  'connect',
  'error',
  'startup',
  'debug',
  'mrtdump',
  'deterministic',
  'preference',
  'secondary',
  'capabilities',
  'enable',
  'missing',
  'setkey',
  'check',
  'graceful',
  'long',
  'keep',
  'route',
  'strict',
  'vrf',
  'dynamic',
  'disable',
  'require',
  'advertise',
  'aigp',
  'cost',
  'base',
  'validate',
  'free',
  'send',
  'min',
]);

/** One BGP protocol, whose statements are taken one after the other. */
export class BirdSession {
  readonly keys: Record<string, unknown> = {};
  readonly decision: Record<string, string> = {};
  readonly listens: string[] = [];
  readonly policy: { import: readonly Token[]; export: readonly Token[] } = {
    import: [],
    export: [],
  };
  peerAs: number | undefined;
  address = '';
  private readonly note: (line: number, text: string) => void;
  private readonly constants: ReadonlyMap<string, readonly Token[]>;
  private readonly channels = new Set<0 | 1>();
  private isDirect = false;
  /** The family of the channel that is being read. */
  private family: 0 | 1 | undefined;
  private readonly limits = new Map<string, [Limit | undefined, Limit | undefined]>();

  constructor(
    note: (line: number, text: string) => void,
    constants: ReadonlyMap<string, readonly Token[]>,
  ) {
    this.note = note;
    this.constants = constants;
    // BIRD 1.6 imports everything and exports nothing by default; in BIRD 2 each channel says both.
    this.policy.import = [{ kind: 'word', text: 'all', line: 0 }];
  }

  /** The families of the channels; for BIRD 1.6 the family of the address. */
  get families(): readonly (0 | 1)[] {
    if (this.channels.size > 0) return [...this.channels].toSorted((a, b) => a - b);
    return [this.address.includes(':') ? 1 : 0];
  }

  get context() {
    const { families, peerAs, address } = this;
    return { families, address, ...(peerAs !== undefined && { peerAs }) };
  }

  take(given: readonly Token[]): void {
    const statement = given.flatMap((token) =>
      token.kind === 'word' ? (this.constants.get(token.text) ?? [token]) : [token],
    );
    const [first, second] = statement;
    const text = textOf(statement);
    const number = (words: string): number | undefined => {
      const found = new RegExp(`^${words} (\\d+)$`).exec(text)?.[1];
      return found === undefined ? undefined : Number(found);
    };
    const channel = /^ipv([46])$/.exec(first.text);
    if (channel !== null && (second === undefined || second.text === '{')) {
      return this.channel(channel[1] === '4' ? 0 : 1, statement.slice(2, -1));
    }
    if (first.text === 'local') return this.local(statement.slice(1));
    if (first.text === 'source' && second?.text === 'address')
      return this.ownAddress(wordAt(statement, 2));
    if (first.text === 'neighbor') return this.neighbor(statement.slice(1));
    if (first.text === 'import' || first.text === 'export')
      return this.filtered(first.text, statement);
    if (first.text === 'receive' || first.text === 'route') return this.limit(statement);
    if (text.startsWith('rs client')) return this.set('rs_client', isOn(statement[2]));
    if (first.text === 'passive') return this.set('passive', isOn(second));
    if (first.text === 'disabled') return this.set('enabled', !isOn(second));
    if (first.text === 'description')
      return this.set('description', wordAt(statement, 1).slice(0, 255));
    if (first.text === 'interface') return this.set('interface', wordAt(statement, 1));
    if (text.startsWith('interpret communities')) {
      return this.set('communities', isOn(statement[2]) ? 'interpret_well_known' : 'pass');
    }
    if (text.startsWith('enforce first as'))
      return this.set('enforce_first_as', isOn(statement[3]));
    if (text.startsWith('allow as sets')) return this.set('allow_as_sets', isOn(statement[3]));
    if (text.startsWith('ttl security')) return this.set('gtsm', isOn(statement[2]));
    if (text.startsWith('med metric'))
      return this.decide('med', isOn(statement[2]) ? 'always' : 'same_as');
    if (text.startsWith('prefer older'))
      return this.decide('tie_break', isOn(statement[2]) ? 'oldest' : 'router_id');
    if (text === 'default bgp_med 0') return;
    if (text.startsWith('add paths'))
      return this.set('add_path', addPathWords[statement[2]?.text ?? 'on'] ?? 'off');
    const hold = number('hold time');
    if (hold !== undefined) return this.set('hold_time', hold);
    const keepalive = number('keepalive time');
    if (keepalive !== undefined) return this.set('keepalive', keepalive);
    if (first.text === 'multihop' && (second === undefined || second.kind === 'number'))
      return this.set('multihop', Number(second?.text ?? 64));
    if (first.text === 'bfd') return this.bfd(statement);
    if (first.text === 'direct') {
      this.isDirect = true;
      delete this.keys.multihop;
      return;
    }
    if (first.text === 'password')
      return this.note(first.line, 'the password is left out: add password_file');
    if (text.startsWith('next hop keep')) return;
    if (needless.has(first.text)) return;
    this.note(first.line, `left out: ${brief(statement)}`);
  }

  private channel(family: 0 | 1, tokens: readonly Token[]): void {
    if (!this.channels.has(family) && this.channels.size === 0) this.policy.import = [];
    this.channels.add(family);
    const reader = readerOf(tokens);
    this.family = family;
    while (!reader.isAtEnd) {
      const statement = reader.statement();
      if (statement.length > 0) this.take(statement);
    }
    this.family = undefined;
  }

  private local(words: readonly Token[]): void {
    const address = words.find(({ kind }) => kind === 'address');
    const at = words.findIndex(({ text }) => text === 'as');
    if (address !== undefined) this.ownAddress(address.text);
    if (at >= 0) this.set('local_as', Number(wordAt(words, at + 1)));
  }

  private ownAddress(address: string): void {
    this.listens.push(address.includes(':') ? `[${address}]:179` : `${address}:179`);
  }

  /** Reads `bfd on`, `bfd graceful` and `bfd { … }`, whose intervals stay ours. */
  private bfd(statement: readonly Token[]): void {
    const [first, second] = statement;
    const hasTimers = second?.text === '{' && statement.length > 3;
    if (hasTimers) this.note(first.line, 'the intervals of BFD are left out: add them to bfd');
    this.set('bfd', second === undefined || !['off', 'no', '0', 'false'].includes(second.text));
  }

  private neighbor(words: readonly Token[]): void {
    const after = (word: string): Token | undefined => {
      const at = words.findIndex(({ text }) => text === word);
      return at < 0 ? undefined : words[at + 1];
    };
    const range = after('range');
    const address = words.find(({ kind }) => kind === 'address');
    const as = after('as');
    const port = after('port');
    if (range !== undefined) this.set('range', range.text);
    else if (address !== undefined) {
      this.address = address.text;
      const zone =
        words[words.indexOf(address) + 1]?.text === '%'
          ? `%${wordAt(words, words.indexOf(address) + 2)}`
          : '';
      this.set('address', address.text + zone);
    }
    if (range !== undefined) this.address = range.text;
    if (port !== undefined && port.text !== '179') this.set('port', Number(port.text));
    if (as !== undefined) {
      this.peerAs = Number(as.text);
      this.set('peer_as', this.peerAs);
    } else if (words.some(({ text }) => text === 'external')) this.set('peer_as', 'any');
  }

  private filtered(direction: 'import' | 'export', statement: readonly Token[]): void {
    const [, second] = statement;
    if (second?.text === 'limit') return this.limit(statement);
    if (second?.text === 'table' || second?.text === 'keep') return;
    const isBare =
      second?.kind === 'word' && !['filter', 'where', 'all', 'none'].includes(second.text);
    if (isBare) {
      this.note(second.line, `left out: ${brief(statement)}`);
      return;
    }
    this.policy[direction] = statement.slice(1);
  }

  private limit(statement: readonly Token[]): void {
    const [first, second] = statement;
    const [, count, word = 'disable'] =
      /limit (\d+)(?: (?:exceeded )?action (\w+))?/.exec(textOf(statement)) ?? [];
    if (count === undefined) {
      if (second?.text !== 'limit') this.note(first.line, `left out: ${brief(statement)}`);
      return;
    }
    // The obsolete `route limit` always restarts the session.
    const action = first.text === 'route' ? 'restart' : (limitWords[word] ?? 'shutdown');
    const key = first.text === 'receive' ? 'max_prefix_received' : 'max_prefix';
    if (first.text === 'export') return this.note(first.line, `left out: ${brief(statement)}`);
    this.setLimit(key, { limit: Number(count), action }, first.line);
  }

  /**
   * Keeps the larger limit if the channels of both families have one: ours applies to each family, and must not
   * reject what was accepted.
   */
  private setLimit(key: string, limit: Limit, line: number): void {
    const { family } = this;
    if (family === undefined) return this.set(key, limit);
    const ofKey = this.limits.get(key) ?? [undefined, undefined];
    this.limits.set(key, ofKey);
    ofKey[family] = limit;
    const other = ofKey[1 - family] ?? limit;
    const [less, more] = other.limit > limit.limit ? [limit, other] : [other, limit];
    if (!isDeepStrictEqual(less, more)) this.note(line, otherLimit(less, more));
    this.set(key, more);
  }

  private set(key: string, value: unknown): void {
    this.keys[key] = value;
    if (key === 'multihop' && this.isDirect) this.isDirect = false;
  }

  private decide(key: string, value: string): void {
    this.decision[key] = value;
  }
}

const addPathWords: Readonly<Record<string, string>> = {
  tx: 'send',
  rx: 'receive',
  on: 'both',
  yes: 'both',
  off: 'off',
};

/** An option without a value is on. */
function isOn(token: Token | undefined): boolean {
  return token === undefined || ['on', 'yes', '1', 'true'].includes(token.text);
}
