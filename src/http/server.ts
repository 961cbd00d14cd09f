import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import fastifyCompress from '@fastify/compress';
import fastifyRateLimit from '@fastify/rate-limit';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Clock } from '#clock.ts';
import { allowedMethods } from './allowed-methods.ts';
import { anonymousQueries } from './anonymous-queries.ts';
import type { Answer } from './answers/answer.ts';
import { placesOf, send } from './answers/send.ts';
import { bfdRoutes } from './api/bfd.ts';
import { bmpRoutes } from './api/bmp.ts';
import { coherenceRoutes } from './api/coherence.ts';
import { commandRoutes } from './api/commands.ts';
import { configRoutes } from './api/config.ts';
import { doctorRoutes } from './api/doctor.ts';
import { drainRoutes } from './api/drains.ts';
import { healthRoutes } from './api/health.ts';
import { peerRoutes } from './api/peers.ts';
import { recordRoutes } from './api/record.ts';
import { routeRoutes } from './api/routes.ts';
import { rpkiRoutes } from './api/rpki.ts';
import { serviceRoutes } from './api/services.ts';
import { simulateRoutes } from './api/simulate.ts';
import { statusRoutes } from './api/status.ts';
import { streamRoutes } from './api/stream.ts';
import { birdwatcherRoutes } from './birdwatcher/birdwatcher.ts';
import { birdwatcherError, isBirdwatcher } from './birdwatcher/envelope.ts';
import type { Context } from './context.ts';
import { addDocs } from './docs.ts';
import {
  type Door,
  matchesTag,
  requestedHost,
  requireHost,
  requireNodes,
  requireSingleFields,
  requireWrite,
  securityHeaders,
  type Token,
} from './guard.ts';
import { addPages } from './pages.ts';
import { Problem, problemBody, problemOf, problemType } from './problem.ts';
import { remoteHost } from './remote-host.ts';
import { PeerParams } from './requests.ts';
import type { Route } from './route.ts';
import { lateValidator, noCompilers } from './validators.ts';
import { whoAsks } from './who.ts';

/** The API of one listener. */
export type App = FastifyInstance;

export const routes: readonly Route[] = [
  ...healthRoutes,
  ...statusRoutes,
  ...peerRoutes,
  ...routeRoutes,
  ...serviceRoutes,
  ...doctorRoutes,
  ...bfdRoutes,
  ...rpkiRoutes,
  ...bmpRoutes,
  ...configRoutes,
  ...commandRoutes,
  ...recordRoutes,
  ...coherenceRoutes,
  ...drainRoutes,
  ...simulateRoutes,
  ...streamRoutes,
  ...birdwatcherRoutes,
];

/**
 * Requests per second. A busy looking glass requests the routes of all peers at once, from one address: 50 requests a
 * second.
 */
const requestsPerMinute = 3000;
const jsonBodyBytes = 16 * 1024;
/**
 * The most requests that a client may send ahead of their answers on one connection: each answer waits in memory for
 * those before it.
 */
const maxPipelined = 2;
/** A request has to be complete within this time. */
const requestMs = 10_000;
/** A client that is disconnected for what it sent may read the answer for so long. */
const lingerMs = 1000;

/**
 * Creates the app of a listener; all apps share one context. Requests on the control socket are not limited, because
 * whoever may open it may also stop the daemon.
 */
export async function createApp(context: Context, door: Door): Promise<App> {
  const app = Fastify({
    bodyLimit: jsonBodyBytes,
    // For clients that neither send nor read; event streams send something more often.
    connectionTimeout: 30_000,
    requestTimeout: requestMs,
    keepAliveTimeout: 65_000,
    http: { maxHeaderSize: 8 * 1024, connectionsCheckingInterval: 1000 },
    routerOptions: { maxParamLength: 100 },
    schemaController: noCompilers,
    schemaErrorFormatter: badInput,
    clientErrorHandler: (error, socket) => refuseBytes(context.clock, error, socket),
    frameworkErrors: (error, request, reply) => {
      reply.headers(securityHeaders);
      return sendProblem(request, reply, problemOf(error));
    },
  });
  app.setValidatorCompiler(lateValidator);
  // Event streams never end by themselves.
  app.addHook('preClose', async () => app.server.closeAllConnections());
  if (door !== 'control') context.connections.guard(app.server);
  app.setErrorHandler((error, request, reply) => sendProblem(request, reply, problemOf(error)));
  app.setNotFoundHandler((request, reply) => {
    const { method, url } = request;
    const allowed = allowedMethods(routes, url);
    if (allowed.length === 0) {
      return sendProblem(request, reply, new Problem(404, 'unknown_url', `no such URL: ${url}`));
    }
    reply.header('allow', allowed.join(', '));
    const text = `this URL does not support ${method}; use ${allowed.join(', ')}`;
    return sendProblem(request, reply, new Problem(405, 'bad_method', text));
  });
  app.addContentTypeParser(textTypes, { parseAs: 'string' }, (_request, body, done) => {
    done(null, body);
  });
  const pipelines = new WeakMap<Socket, number>();
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(securityHeaders);
    requireSingleFields(request.raw.rawHeaders);
    requireHost(door, requestedHost(request.raw.url, request.headers.host));
    const { socket } = request;
    const waiting = pipelines.get(socket) ?? 0;
    if (waiting >= maxPipelined) {
      throw new Problem(429, 'rate_limit', 'too many concurrent requests on one connection');
    }
    pipelines.set(socket, waiting + 1);
    reply.raw.once('close', () => pipelines.set(socket, (pipelines.get(socket) ?? 1) - 1));
  });
  app.addHook('onResponse', async (request, reply) => {
    const { url = 'unknown', config } = request.routeOptions;
    if (config.isEndless === true) return;
    context.metrics.observeRequest(request.method, url, reply.statusCode, reply.elapsedTime / 1000);
  });
  if (door !== 'control') await limitRates(app);
  await app.register(fastifyCompress, {
    encodings: ['gzip'],
    threshold: 1024,
    globalDecompression: false,
  });
  for (const route of routes) addRoute(app, context, door, route);
  // A browser requests a page without a token.
  addPages(app, forAnonymous(context), (request) => placesOf(context, door, request));
  addDocs(app, routes, (request) => placesOf(context, door, request));
  return app;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The answer does not end by itself, so its duration means nothing. */
    isEndless?: boolean;
  }
  interface FastifyRequest {
    /** Of a write over TCP. */
    token?: Token | undefined;
  }
}

const textTypes = ['text/plain', 'application/yaml', 'application/x-yaml', 'text/yaml'];

async function limitRates(app: App): Promise<void> {
  await app.register(fastifyRateLimit, {
    max: requestsPerMinute,
    timeWindow: 60_000,
    keyGenerator: ({ ip }) => remoteHost(ip),
    errorResponseBuilder: (_request, { after }) =>
      new Problem(429, 'rate_limit', `too many requests from this address; try again in ${after}`),
  });
}

function addRoute(app: App, context: Context, door: Door, route: Route): void {
  app.route({
    method: route.method,
    url: route.url,
    bodyLimit: route.textBodyBytes ?? route.jsonBodyBytes ?? jsonBodyBytes,
    // The answer to a HEAD request is read to the end, and a stream has none.
    exposeHeadRoute: route.tag !== 'events',
    config: {
      ...(route.unlimited === true && { rateLimit: false }),
      isEndless: route.tag === 'events',
    },
    schema: {
      params: route.params,
      querystring: route.query,
      ...(route.method !== 'GET' && { body: route.body }),
    },
    // It comes after the rate limit, which runs on request, so that guesses at a token are counted.
    preParsing: async (request) => {
      if (route.method !== 'GET') request.token = admitWrite(context, door, route, request);
    },
    preValidation: async (request) => {
      request.body ??= route.textBodyBytes === undefined ? {} : '';
    },
    handler: async (request, reply) => {
      const tag = route.versioned === true ? `W/"${context.queries.version()}"` : undefined;
      if (tag !== undefined && matchesTag(request.headers['if-none-match'], tag)) {
        return reply.code(304).header('etag', tag).header('cache-control', 'no-cache').send();
      }
      if (route.isInstant !== true) await context.turns.next();
      requireRunning(context, route);
      const answer = await handled(context, door, route, request);
      if (tag !== undefined) reply.header('etag', tag).header('cache-control', 'no-cache');
      return send(reply, answer, placesOf(context, door, request));
    },
  });
}

/** What a stop has ended must not begin again. */
function requireRunning({ commands }: Context, { method, isAnsweredWhileStopping }: Route): void {
  if (method === 'GET' || isAnsweredWhileStopping === true || !commands.isStopping) return;
  const text = 'the daemon is stopping: nothing can be changed any more';
  throw new Problem(503, 'stopping', text);
}

/**
 * Every method except GET and HEAD changes something, or may: without the right to it nothing else is looked at.
 * Returns the token, if there is one.
 */
function admitWrite(
  context: Context,
  door: Door,
  route: Route,
  request: FastifyRequest,
): Token | undefined {
  const { headers } = request;
  return orTold(context, route, request, () => {
    const token = requireWrite(door, { headers, right: route.right ?? 'any' });
    if (route.checksNodes !== true) requireNodes(token, nodesIn(context, route, request));
    requireType(door, route, headers['content-type']);
    return token;
  });
}

/** Returns the node of the peer in the path. */
function nodesIn({ queries }: Context, route: Route, { params }: FastifyRequest) {
  const name = route.params === PeerParams ? (params as { name: string }).name : undefined;
  const node = name === undefined ? undefined : queries.peer(name)?.node;
  return node === undefined ? undefined : [node];
}

/** Runs the check; a refusal is reported to the operator too. */
function orTold<Value>(
  context: Context,
  route: Route,
  { ip }: FastifyRequest,
  check: () => Value,
): Value {
  try {
    return check();
  } catch (error) {
    if (error instanceof Problem) {
      context.authFailed?.(ip, `${route.method} ${route.url}: ${error.message}`);
    }
    throw error;
  }
}

/** Over TCP a body is JSON, or YAML where a configuration is expected: types that no form of a page can send. */
function requireType(door: Door, route: Route, type: string | undefined): void {
  if (door === 'control' || type === undefined) return;
  const [media] = type.split(';');
  const isYaml =
    route.textBodyBytes !== undefined && /^(?:application|text)\/(?:x-)?yaml$/.test(media);
  if (media === 'application/json' || isYaml) return;
  throw new Problem(
    415,
    'bad_content_type',
    `expected a body of type application/json, not ${media}`,
  );
}

/** Reports a command when it has been executed or refused. */
async function handled(
  context: Context,
  door: Door,
  route: Route,
  request: FastifyRequest,
): Promise<Answer> {
  const input = inputOf(context, door, route, request);
  const command = route.command?.(input);
  let ok = false;
  try {
    const answer = await route.handle(input.seesNames ? context : forAnonymous(context), input);
    ok = true;
    return answer;
  } finally {
    if (command !== undefined) context.commandRun?.({ ...command, ok, by: input.by });
  }
}

/** Returns the context for readers without a token, all of whose answers pass through `anonymous`. */
function forAnonymous(context: Context): Context {
  return { ...context, queries: anonymousQueries(context.queries) };
}

function inputOf(context: Context, door: Door, route: Route, request: FastifyRequest) {
  const { token } = request;
  const by = whoAsks(door, request, context.peerUid);
  const lastEventId = request.headers['last-event-id'];
  return {
    params: request.params,
    query: request.query,
    body: request.body,
    lastEventId: typeof lastEventId === 'string' ? lastEventId : undefined,
    isLocal: door === 'control',
    by: by ?? {},
    seesNames: by !== undefined,
    requireNodes: (nodes: readonly string[]) =>
      orTold(context, route, request, () => requireNodes(token, nodes)),
  };
}

function sendProblem(
  { url }: Pick<FastifyRequest, 'url'>,
  reply: FastifyReply,
  problem: Problem,
): FastifyReply {
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer');
  if (problem.status === 503) reply.header('retry-after', '5');
  return reply
    .code(problem.status)
    .type(problemType)
    .send(JSON.stringify(isBirdwatcher(url) ? birdwatcherError(problem) : problemBody(problem)));
}

/** Returns the first error, with the name that the client used. */
function badInput(errors: readonly InputError[], where: string): Error {
  const [{ instancePath, params, message = 'is not valid' }] = errors;
  const { additionalProperty: unknown, missingProperty: missing } = params;
  if (typeof unknown === 'string') return new Problem(400, 'bad_request', `unknown: ${unknown}`);
  if (typeof missing === 'string') return new Problem(400, 'bad_request', `missing: ${missing}`);
  const name = instancePath.slice(1).replaceAll('/', '.') || where;
  const { allowedValues } = params;
  if (Array.isArray(allowedValues))
    return new Problem(400, 'bad_request', `${name}: expected one of ${allowedValues.join(', ')}`);
  return new Problem(400, 'bad_request', `${name} ${message}`);
}

interface InputError {
  readonly instancePath: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string;
}

/**
 * Answers what never becomes a request: bytes that are not HTTP, a header that is too long, or one that is not complete
 * in time. The client is then disconnected, whatever it still sends: otherwise it could keep its place for ever. It has
 * a moment to read the answer, because unread bytes turn the end of a connection into a reset that may overtake it.
 */
function refuseBytes(clock: Clock, error: Error & { code?: string }, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return;
  const body = problemBody(refusalOfBytes(error.code));
  const text = JSON.stringify(body);
  socket.end(
    `HTTP/1.1 ${body.status} ${body.title}\r\n` +
      `content-type: ${problemType}\r\ncontent-length: ${Buffer.byteLength(text)}\r\nconnection: close\r\n\r\n${text}`,
  );
  socket.once(
    'close',
    clock.after(lingerMs, () => socket.destroy()),
  );
}

function refusalOfBytes(code: string | undefined): Problem {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new Problem(408, 'timeout', `the request was not complete after ${requestMs / 1000} s`);
  if (code === 'HPE_HEADER_OVERFLOW')
    return new Problem(431, 'too_large', 'the header of the request is too long');
  return new Problem(400, 'bad_request', 'malformed HTTP request');
}
