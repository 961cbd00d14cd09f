import type { Host } from '#support/netns.ts';
import type { Daemon } from '#support/process.ts';

const program = `
import http.server, socket
class V6(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6
V6(('::', 80), http.server.SimpleHTTPRequestHandler).serve_forever()
`;

/** Answers on port 80 of every address of the host. */
export function startWebServer(host: Host): Daemon {
  return host.start('http', ['python3', '-c', program]);
}
