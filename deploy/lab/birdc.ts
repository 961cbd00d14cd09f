import {
  type BirdProtocol,
  type BirdRoute,
  parseProtocols,
  parseRoutes,
} from '#support/daemons/bird.ts';
import type { LabHost } from './lab-host.ts';

const label = 'bird';

/** The BIRD 2 of a host: R1, the routers, RS4. */
export class Bird {
  readonly host: LabHost;

  constructor(host: LabHost) {
    this.host = host;
  }

  start(config: string): void {
    const file = this.host.write('bird.conf', config);
    this.host.start(label, ['bird', '-f', '-c', file, '-s', this.host.file('bird.ctl')]);
  }

  stop(): Promise<void> {
    return this.host.end(label);
  }

  kill(): Promise<void> {
    return this.host.kill(label);
  }

  get isRunning(): boolean {
    return this.host.isRunning(label);
  }

  log(): string {
    return this.host.log(label);
  }

  command(words: string): Promise<string> {
    return this.host.run(['birdc', '-s', this.host.file('bird.ctl'), ...words.split(' ')]);
  }

  async protocols(): Promise<BirdProtocol[]> {
    return parseProtocols(await this.command('show protocols'));
  }

  async established(): Promise<string[]> {
    const protocols = await this.protocols();
    return protocols.filter(({ info }) => info.startsWith('Established')).map(({ name }) => name);
  }

  /** In the order of the table; the best of a prefix is the first. */
  async routes(words = ''): Promise<BirdRoute[]> {
    return parseRoutes(await this.command(`show route all ${words}`.trimEnd()));
  }
}
