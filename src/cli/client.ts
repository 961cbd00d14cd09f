import { statSync } from 'node:fs';
import { Agent, type IncomingMessage, request } from 'node:http';
import { claimedUserHeader } from '#api/commands.ts';
import type { ConfigProblem } from '#api/problem.ts';
import { groupOf } from '#os/group.ts';
import { codeOf } from '#text/code-of.ts';
import { messageOf } from '#text/message-of.ts';
import { parsedPrintable, printableJson } from '#text/printable.ts';
import { longestSocketPath } from '#text/socket-path.ts';
import { CliError, exitCodes } from './cli-error.ts';

/** The daemon refused a request; `text` is the body of its response. */
export class Refusal extends CliError {
  readonly text: string;
  readonly problem: Partial<ProblemText>;
  private readonly status: number;
  constructor(status: number, text: string, problem: Partial<ProblemText>) {
    const code = status === 400 ? exitCodes.usage : exitCodes.refused;
    super(status >= 500 && status !== 503 ? exitCodes.internal : code, problem.detail ?? text);
    this.text = text;
    this.problem = problem;
    this.status = status;
  }

  withProblems(problems: readonly ConfigProblem[]): Refusal {
    return new Refusal(this.status, this.text, { ...this.problem, problems });
  }
}

interface ProblemText {
  readonly kind: string;
  readonly detail: string;
  readonly problems: readonly ConfigProblem[];
}

/** A response: its body as it came, and parsed. */
export interface Answer<Value> {
  readonly text: string;
  readonly value: Value;
}

/** The longest wait for a response; the daemon itself gives up on a configuration that takes 30 s to read. */
const patienceMs = 60_000;

/** Speaks the HTTP API over the control socket, and reuses one connection. */
export class ControlClient {
  private readonly socket: () => Promise<string>;
  private readonly user: string | undefined;
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 1 });

  /** `user` is the person for whom the command runs, as sudo reports it. */
  constructor(socket: () => Promise<string>, user: string | undefined) {
    this.socket = socket;
    this.user = user;
  }

  /** Throws a `Refusal`, or a `CliError` with status 3 when no daemon answers. */
  async get<Value>(path: string): Promise<Answer<Value>> {
    return this.ask<Value>('GET', path);
  }

  async post<Value>(path: string, body?: object): Promise<Answer<Value>> {
    return this.ask<Value>('POST', path, body);
  }

  async delete<Value>(path: string): Promise<Answer<Value>> {
    return this.ask<Value>('DELETE', path);
  }

  /**
   * Posts the text of a configuration file; if it is absent, the daemon uses its own file. An empty text is sent as an
   * empty line, because an empty body means the same as none.
   */
  async postText<Value>(path: string, text?: string): Promise<Answer<Value>> {
    return this.ask<Value>('POST', path, text === '' ? '\n' : text);
  }

  /** Yields the text of an endless response as it arrives; it ends with the daemon or by `signal`. */
  async *follow(path: string, signal: AbortSignal | undefined): AsyncGenerator<string> {
    const response = await this.open('GET', path, undefined, signal);
    if (response.statusCode !== 200) throw refusal(response, await textOf(response));
    response.setEncoding('utf8');
    try {
      for await (const chunk of response) yield String(chunk);
    } catch (error) {
      if (signal?.aborted !== true) throw unreachable(error, await this.socket());
    }
  }

  close(): void {
    this.agent.destroy();
  }

  private async ask<Value>(
    method: string,
    path: string,
    body?: object | string,
  ): Promise<Answer<Value>> {
    const response = await this.open(method, path, body);
    const text = await textOf(response).catch(async (error: unknown) => {
      throw unreachable(error, await this.socket());
    });
    if (response.statusCode !== 200 && response.statusCode !== 201) throw refusal(response, text);
    return { text: printableJson(text), value: parsedPrintable<Value>(text) };
  }

  private async open(
    method: string,
    path: string,
    body?: object | string,
    signal?: AbortSignal,
  ): Promise<IncomingMessage> {
    const socketPath = await this.socket();
    const text = typeof body === 'object' ? JSON.stringify(body) : (body ?? '');
    const type = typeof body === 'object' ? 'application/json' : 'application/yaml';
    const headers = {
      host: 'fingerpost',
      'content-length': Buffer.byteLength(text),
      ...(body !== undefined && { 'content-type': type }),
      ...(this.user !== undefined && { [claimedUserHeader]: this.user }),
    };
    return new Promise((resolve, reject) => {
      const outgoing = request({
        socketPath,
        method,
        path,
        headers,
        agent: this.agent,
        ...(signal !== undefined && { signal }),
      });
      outgoing.setTimeout(patienceMs, () =>
        outgoing.destroy(new Error(`no answer within ${patienceMs / 1000} s`)),
      );
      outgoing.once('response', resolve);
      outgoing.once('error', (error) => reject(unreachable(error, socketPath)));
      outgoing.end(text);
    });
  }
}

const closed = 'it closed the connection; its log may say why';

function unreachable(error: unknown, socket: string): CliError {
  const code = codeOf(error);
  if (code === 'EACCES' || code === 'EPERM') {
    const group = groupOf(socket);
    const cure = group === undefined || group === 'root' ? '' : `, or join the group ${group}`;
    return new CliError(exitCodes.refused, `${socket}: permission denied; run this as root${cure}`);
  }
  return new CliError(
    exitCodes.noDaemon,
    `no daemon answers on ${socket}: ${pathFault(socket) ?? faults[code ?? ''] ?? faultOf(error)}`,
  );
}

/** Returns why no daemon can listen on a path; `undefined` if one can. */
function pathFault(socket: string): string | undefined {
  if (Buffer.byteLength(socket) > longestSocketPath) {
    return `the path of a Unix socket has at most ${longestSocketPath} bytes`;
  }
  const found = statSync(socket, { throwIfNoEntry: false });
  if (found === undefined || found.isSocket()) return undefined;
  return found.isDirectory()
    ? 'it is a directory'
    : 'it is not a socket; a configuration is given with -c';
}

const faults: Readonly<Record<string, string>> = {
  ENOENT: 'is it running?',
  ECONNREFUSED: 'is it running?',
  ECONNRESET: closed,
  EPIPE: closed,
};

function faultOf(error: unknown): string {
  const isForeign = codeOf(error)?.startsWith('HPE_') === true;
  return isForeign ? 'what listens there is not fingerpost' : messageOf(error);
}

async function textOf(response: IncomingMessage): Promise<string> {
  response.setEncoding('utf8');
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return text;
}

function refusal(response: IncomingMessage, text: string): Refusal {
  const isProblem = response.headers['content-type']?.startsWith('application/problem+json');
  const problem = isProblem === true ? parsedPrintable<ProblemText>(text) : {};
  return new Refusal(response.statusCode ?? 0, printableJson(text), problem);
}
