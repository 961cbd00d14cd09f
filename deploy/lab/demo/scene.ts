import type { KernelWatch } from '../kernel-watch.ts';
import { type NodeName, routers, type RouteServerName, routeServers, services } from '../plan.ts';
import type { Requests } from '../requests.ts';
import type { Candidate } from '../route-server.ts';
import type { RunningLab } from '../running-lab.ts';
import { cell, type Frame, type Line, span, type Span, type Tone } from './frame.ts';

const width = 92;
/** Requests of the last seconds to the address that moves, one character each. */
const trailLength = 60;
const moving = services[2];

/** What has happened, and when. */
interface Note {
  readonly seconds: number;
  readonly text: string;
  readonly tone: Tone;
}

/** The lab as one sees it, drawn from what daemons, kernels and the client report at the moment. */
export class Scene {
  caption = '';
  readonly notes: Note[] = [];
  private readonly lab: RunningLab;
  private readonly kernels: KernelWatch;
  private readonly requests: Requests;
  private readonly since = Date.now();
  private readonly tables = new Map<RouteServerName, readonly Candidate[]>();

  constructor(lab: RunningLab, kernels: KernelWatch, requests: Requests) {
    this.lab = lab;
    this.kernels = kernels;
    this.requests = requests;
  }

  get seconds(): number {
    return (Date.now() - this.since) / 1000;
  }

  note(text: string, tone: Tone = 'plain', atMs = Date.now()): void {
    this.notes.push({ seconds: (atMs - this.since) / 1000, text, tone });
  }

  /** Asks the three route servers for their tables. */
  async refresh(): Promise<void> {
    await Promise.all(
      this.lab.routeServers.map(async (routeServer) => {
        const candidates = await routeServer.candidates().catch(() => []);
        this.tables.set(routeServer.name, candidates);
      }),
    );
  }

  draw(): Frame {
    const title = 'the lab: three nodes, three route servers, five routers';
    const clock = `${this.seconds.toFixed(1)} s`;
    return [
      [cell(title, width - clock.length, 'bold'), span(clock, 'dim')],
      [],
      [span(this.caption, 'bold')],
      [],
      this.head(),
      ...services.map((address) => this.serviceRow(address)),
      [],
      ...this.nodeRows(),
      [],
      [span(`requests to ${moving}, the last three seconds: each its answer`, 'dim')],
      this.trail(),
      [span(this.counts(), 'dim')],
      [],
      ...this.noteRows(),
    ];
  }

  private head(): Line {
    const makes = routeServers.map(({ name, make }) => cell(`${name} ${make}`, 16, 'dim'));
    const titles = ['routers lead to', 'R1 is answered by'].map((text) => cell(text, 18, 'dim'));
    return [cell('', 8), ...makes, ...titles];
  }

  private serviceRow(address: string): Line {
    const bests = this.lab.routeServers.map((routeServer): Span => {
      if (!routeServer.isRunning) return cell('stopped', 16, 'bad');
      const table = this.tables.get(routeServer.name) ?? [];
      const best = table.find((each) => each.best && each.prefix === `${address}/128`);
      return best === undefined
        ? cell('-', 16, 'bad')
        : cell(`${best.node} ${best.med}`, 16, best.node);
    });
    const label = cell(address.replace('2001:db8:30', ''), 8, 'bold');
    return [label, ...bests, this.ledTo(address), this.answeredBy(address)];
  }

  /** Shows whether all five routers lead there, or how many. */
  private ledTo(address: string): Span {
    const counts = new Map<NodeName | undefined, number>();
    for (const { name } of routers) {
      const node = this.kernels.node(name, address);
      counts.set(node, (counts.get(node) ?? 0) + 1);
    }
    const [[first]] = counts;
    if (counts.size === 1) return cell(first ?? 'nobody', 18, first ?? 'bad');
    const parts = [...counts].map(([node, count]) => `${count}× ${node ?? 'nobody'}`);
    return cell(parts.join(' '), 18, 'bold');
  }

  private answeredBy(address: string): Span {
    const node = this.requests.answers.findLast((each) => each.address === address)?.node;
    return cell(node ?? 'nobody', 18, toneOf(node));
  }

  private nodeRows(): Line[] {
    return this.lab.nodes.map((node): Line => {
      return [
        cell(node.name, 8, node.name),
        cell('nginx', 7, 'dim'),
        stateOf(node.isWebRunning),
        cell('ExaBGP', 8, 'dim'),
        stateOf(node.isExabgpRunning),
      ];
    });
  }

  private trail(): Line {
    const asked = this.requests.answers.filter(({ address }) => address === moving);
    return asked
      .slice(-trailLength)
      .map(({ node }) => span(node === undefined ? '×' : node.slice(1), toneOf(node)));
  }

  private counts(): string {
    const { answers } = this.requests;
    const lost = answers.filter(({ node }) => node === undefined).length;
    return `${answers.length - lost} answered, ${lost} lost`;
  }

  private noteRows(): Line[] {
    return this.notes
      .slice(-9)
      .map(({ seconds, text, tone }) => [
        cell(`${seconds.toFixed(2).padStart(6)} s`, 10, 'dim'),
        span(text, tone),
      ]);
  }
}

function stateOf(isUp: boolean): Span {
  return cell(isUp ? 'runs' : 'is down', 10, isUp ? 'good' : 'bad');
}

function toneOf(node: string | undefined): Tone {
  return node === 'W1' || node === 'W2' || node === 'W3' ? node : 'bad';
}
