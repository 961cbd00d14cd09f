import { connect, createServer, type Server, type Socket } from 'node:net';

/** A line has to be sent and answered within this time. */
const patienceMs = 5000;
const maxLineChars = 1024;

/** A Unix socket on which each client sends one line and is answered with one line. */
export interface LineSocket {
  /** Accepts no more connections and removes the file; clients that wait for an answer are disconnected. */
  close(): void;
}

/** Rejects as `net.Server.listen` does. The permissions of the directory decide who may connect. */
export function serveLines(path: string, answer: (line: string) => string): Promise<LineSocket> {
  const clients = new Set<Socket>();
  const server = createServer((socket) => {
    clients.add(socket);
    socket.once('close', () => clients.delete(socket));
    void lineOf(socket).then((line) => {
      if (line === undefined) socket.destroy();
      else socket.end(`${answer(line)}\n`);
    });
  });
  const close = (): void => {
    server.close();
    for (const socket of clients) socket.destroy();
  };
  return listening(server, path).then(() => ({ close }));
}

/** Resolves to the answer to one line; `undefined` if nobody answers. */
export async function askLine(path: string, line: string): Promise<string | undefined> {
  const socket = connect({ path });
  socket.write(`${line}\n`);
  const answer = await lineOf(socket);
  socket.destroy();
  return answer;
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ path }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/**
 * Resolves to the first line that arrives; `undefined` if the other end leaves, takes too long or sends too long a
 * line.
 */
function lineOf(socket: Socket): Promise<string | undefined> {
  return new Promise((resolve) => {
    let text = '';
    socket.setEncoding('utf8');
    socket.setTimeout(patienceMs, () => resolve(undefined));
    socket.on('data', (chunk: string) => {
      text += chunk;
      const end = text.indexOf('\n');
      if (end >= 0) resolve(text.slice(0, end));
      else if (text.length > maxLineChars) resolve(undefined);
    });
    socket.on('error', () => resolve(undefined));
    socket.on('close', () => resolve(undefined));
  });
}
