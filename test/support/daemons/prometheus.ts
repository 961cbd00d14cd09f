import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Host } from '../netns.ts';

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A Prometheus on the host that scrapes one target each second. */
export class Prometheus {
  readonly host: Host;

  constructor(host: Host, target: string) {
    this.host = host;
    const folder = join(host.folder, 'prometheus');
    mkdirSync(folder);
    const configFile = join(folder, 'prometheus.yml');
    writeFileSync(configFile, prometheusConfig(target));
    host.start('prometheus', [
      'prometheus',
      `--config.file=${configFile}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=${listen}`,
      '--log.level=warn',
    ]);
  }

  async query(expression: string): Promise<Sample[]> {
    const url = `http://${listen}/api/v1/query`;
    const argv = ['curl', '-sfG', url, '--data-urlencode', `query=${expression}`];
    const answer: QueryAnswer = JSON.parse(await this.host.run(argv));
    return answer.data.result.map(({ metric, value }) => ({
      labels: metric,
      value: Number(value[1]),
    }));
  }
}

const listen = '127.0.0.1:9090';

interface QueryAnswer {
  readonly data: {
    readonly result: readonly {
      readonly metric: Readonly<Record<string, string>>;
      readonly value: readonly [number, string];
    }[];
  };
}

function prometheusConfig(target: string): string {
  return `
global: { scrape_interval: 1s, scrape_timeout: 1s }
scrape_configs:
  - job_name: fingerpost
    static_configs: [{ targets: ["${target}"] }]
`;
}
