import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { nodeBirdConfig } from './bfd-config.ts';
import { Bird } from './birdc.ts';
import type { LabHost } from './lab-host.ts';
import { exabgpConfig, healthcheckConfig, nginxConfig } from './node-config.ts';
import type { NodeName, NodePlan } from './plan.ts';

/** W1, W2 or W3: nginx, ExaBGP, and exabgp-healthcheck, which connects them. */
export class Node {
  readonly name: NodeName;
  readonly plan: NodePlan;
  private readonly host: LabHost;
  /** Its BFD speaker. */
  private readonly bird: Bird;
  private readonly commandsFile: string;
  private readonly disableFile: string;

  constructor(host: LabHost, plan: NodePlan) {
    this.name = plan.name;
    this.plan = plan;
    this.host = host;
    this.bird = new Bird(host);
    this.commandsFile = host.file('commands');
    this.disableFile = host.file('disabled');
  }

  startWeb(): void {
    const { folder } = this.host;
    const file = this.host.write('nginx.conf', nginxConfig(folder, this.name));
    this.host.write('long', 'long\n'.repeat(longLines));
    this.host.start('nginx', ['nginx', '-c', file, '-e', 'stderr', '-g', 'daemon off;']);
  }

  stopWeb(): Promise<void> {
    return this.host.end('nginx');
  }

  /** It accepts connections, because the kernel does, but answers none. */
  freezeWeb(): void {
    this.host.signal('nginx', 'SIGSTOP');
  }

  thawWeb(): void {
    this.host.signal('nginx', 'SIGCONT');
  }

  get isWebRunning(): boolean {
    return this.host.isRunning('nginx');
  }

  /** Everything that was sent before with `say` is forgotten. */
  startExabgp(): void {
    if (this.isExabgpRunning) return;
    writeFileSync(this.commandsFile, '');
    const healthcheck = healthcheckConfig(this.plan, this.disableFile);
    const healthcheckFile = this.host.write('healthcheck.conf', healthcheck);
    const config = exabgpConfig(this.plan, healthcheckFile, this.commandsFile);
    const file = this.host.write('exabgp.conf', config);
    this.host.start('exabgp', ['exabgp', file], exabgpEnvironment);
  }

  /** A BIRD that runs only BFD. */
  startBfd(): void {
    this.bird.start(nodeBirdConfig(this.plan));
  }

  killBfd(): Promise<void> {
    return this.bird.kill();
  }

  killExabgp(): Promise<void> {
    return this.host.killWithHelpers('exabgp');
  }

  /** Freezes ExaBGP alone: its health check is a separate process group, and continues. */
  freezeExabgp(): void {
    this.host.signal('exabgp', 'SIGSTOP');
  }

  /** Every process, the BFD speaker included. */
  freeze(): void {
    this.host.signalAll('SIGSTOP');
  }

  thaw(): void {
    this.host.signalAll('SIGCONT');
  }

  get isExabgpRunning(): boolean {
    return this.host.isRunning('exabgp');
  }

  /** ExaBGP waits longer after each refusal and never forgets: only a new process is quick again. */
  async restartExabgp(): Promise<void> {
    await this.killExabgp();
    this.startExabgp();
  }

  /** As if the power had failed, except for the cable. */
  async kill(): Promise<void> {
    await Promise.all([
      this.host.killWithHelpers('exabgp'),
      this.host.kill('nginx'),
      this.bird.kill(),
    ]);
  }

  /** The health check's file that takes the node out of service for maintenance. */
  disable(): void {
    writeFileSync(this.disableFile, '');
  }

  enable(): void {
    rmSync(this.disableFile, { force: true });
  }

  /** Lines of ExaBGP's API: `announce route …`. */
  say(...lines: readonly string[]): void {
    appendFileSync(this.commandsFile, lines.map((line) => `${line}\n`).join(''));
  }
}

/** 4 MB, which take over four minutes. */
const longLines = 800_000;

const exabgpEnvironment = {
  exabgp_daemon_user: 'root',
  exabgp_api_cli: 'false',
  exabgp_log_configuration: 'false',
  exabgp_log_reactor: 'false',
};
