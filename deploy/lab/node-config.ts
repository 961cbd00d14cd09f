import { nodeAs, type NodePlan, routeServerAs, routeServers, services } from './plan.ts';

/** A web server that answers with the name of its node; `/long` is a download that takes minutes. */
export function nginxConfig(folder: string, name: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `user root;
worker_processes 1;
pid ${folder}/nginx.pid;
events { }
http {
${temporary.map((kind) => `  ${kind}_temp_path ${folder}/nginx-${kind};`).join('\n')}
  access_log off;
  server {
    listen [::]:80;
    location = /long { root ${folder}; limit_rate 16k; }
    location / { default_type text/plain; return 200 "${name}\\n"; }
  }
}
`;
}

/**
 * Checks the node's own web server, and ranks each service address: MED 100 and more while it answers, 500 and more
 * while `disableFile` exists, 1000 and more if it fails.
 */
export function healthcheckConfig(node: NodePlan, disableFile: string): string {
  const addresses = services.toReversed().map((address) => `ip = ${address}/128`);
  return `command = curl --fail --silent --max-time 4 http://[${node.address}]/
disable = ${disableFile}
no-ip-setup
interval = 5
fast-interval = 1
rise = 3
fall = 3
${addresses.join('\n')}
`;
}

/** Announces what the health check says, and what is appended to `commandsFile`. */
export function exabgpConfig(
  node: NodePlan,
  healthcheckFile: string,
  commandsFile: string,
): string {
  const check = `/usr/bin/exabgp-healthcheck --no-syslog --config ${healthcheckFile}`;
  return `process watch-nginx { run ${check} --start-ip ${node.startIp}; encoder text; }
process operator { run /usr/bin/tail -n +1 -F ${commandsFile}; encoder text; }
template {
  neighbor rs {
    router-id 1.1.1.${node.number};
    local-address ${node.address};
    local-as ${nodeAs};
    peer-as ${routeServerAs};
    api health { processes [ watch-nginx, operator ]; }
  }
}
${routeServers.map(({ address }) => `neighbor ${address} { inherit rs; }`).join('\n')}
`;
}
