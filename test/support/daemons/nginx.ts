import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Host } from '../netns.ts';
import type { Daemon } from '../process.ts';

/** A web server that answers with the name of its host. */
export class Nginx {
  private readonly host: Host;
  private readonly configFile: string;
  private daemon: Daemon | undefined;

  constructor(host: Host) {
    this.host = host;
    const folder = join(host.folder, 'nginx');
    mkdirSync(folder);
    this.configFile = join(folder, 'nginx.conf');
    writeFileSync(this.configFile, nginxConfig(folder, host.name));
    this.start();
  }

  start(): void {
    const options = ['-c', this.configFile, '-e', 'stderr'];
    this.daemon = this.host.start('nginx', ['nginx', ...options, '-g', 'daemon off;']);
  }

  async stop(): Promise<void> {
    await this.daemon?.end();
  }
}

function nginxConfig(folder: string, name: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `${kind}_temp_path ${join(folder, kind)};`)
    .join(' ');
  return `
user root;
worker_processes 1;
pid ${join(folder, 'nginx.pid')};
events { }
http {
  ${temporary}
  access_log off;
  server {
    listen 80;
    listen [::]:80;
    location / { default_type text/plain; return 200 "${name}\\n"; }
  }
}
`;
}
