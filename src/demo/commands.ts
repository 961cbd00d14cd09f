import { askLine } from '#net/line-socket.ts';
import type { Network, NodeState } from './network.ts';
import { commandSockets, DemoError } from './place.ts';
import { nodes } from './plan.ts';

const verbs = ['fail', 'heal', 'kill', 'start'] as const;
type Verb = (typeof verbs)[number];

/** A command to a running demo: `fail w1`. */
export interface NodeCommand {
  readonly verb: Verb;
  /** The name in the plan: `W1`. */
  readonly node: string;
}

/** Parses the words of a command; a verb may be abbreviated. Throws DemoError with status 2. */
export function parseCommand(words: readonly string[]): NodeCommand {
  const [word = '', name = '', ...more] = words;
  const verb = word === '' ? undefined : verbs.find((one) => one.startsWith(word));
  const node = nodes.find((one) => one.name.toLowerCase() === name.toLowerCase());
  if (verb === undefined) throw usage(`${word}: the demo has no such command`);
  if (node === undefined)
    throw usage(name === '' ? 'which node?' : `${name}: the demo has no such node`);
  if (more.length > 0) throw usage(`${more.join(' ')}: one node at a time`);
  return { verb, node: node.name };
}

function usage(what: string): DemoError {
  return new DemoError(`${what} (fingerpost demo ${verbs.join('|')} w1|w2|w3)`, 2);
}

/**
 * Sends the command to the demo that was started last; resolves to its answer. Rejects with DemoError, status 3, if no
 * demo is running.
 */
export async function sendCommand({ verb, node }: NodeCommand): Promise<string> {
  for (const socket of commandSockets()) {
    const answer = await askLine(socket, `${verb} ${node}`);
    if (answer !== undefined) return answer;
  }
  throw new DemoError('you have no running demo: use "npm start" or "fingerpost demo"', 3);
}

/** Carries out the command and returns the node's new state. A command that changes nothing succeeds too. */
export function execute(network: Network, { verb, node: name }: NodeCommand): string {
  const node = network.nodes.find(({ plan }) => plan.name === name);
  if (node === undefined) return '';
  actions[verb](network, node);
  // A health check cannot report anything for a node that announces nothing.
  if (node.isKilled) return `${name}: announcer killed`;
  const health = node.isHealthy ? 'ok' : 'fails';
  return `${name}: health check ${health}, announcer pid ${node.child?.pid ?? 'to come'}`;
}

const actions: Readonly<Record<Verb, (network: Network, node: NodeState) => void>> = {
  fail: (network, node) => network.setHealth(node, false),
  heal: (network, node) => network.setHealth(node, true),
  kill: (network, node) => network.kill(node),
  start: (network, node) => network.startAnnouncer(node),
};
