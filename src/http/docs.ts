import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { ProblemSchema } from '#api/problem.ts';
import type { TSchema } from '#api/shapes.ts';
import { sendBytes, type TakePlace } from './answers/send.ts';
import { components } from './components.ts';
import { Problem } from './problem.ts';
import { refusalsOf } from './refusals.ts';
import { NoInput } from './requests.ts';
import type { Route } from './route.ts';
import { noCompilers } from './validators.ts';

type App = FastifyInstance;

/** A page, a file or the OpenAPI document, as it is sent to every client. */
interface Doc {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Buffer;
}

/** The form of all file names; a file with another name is not looked for. */
const plainPath =
  /^\/(?:openapi\.json|docs|docs\/[\w.-]*|docs\/static\/(?:theme\/)?[\w-]+[\w.-]*)$/;

/**
 * Serves the OpenAPI document and its page. The modules for it are loaded on the first request, and each file is made
 * once.
 */
export function addDocs(
  app: App,
  routes: readonly Route[],
  placesOf: (request: FastifyRequest) => TakePlace,
): void {
  const docs = new Docs(routes);
  const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const [path] = request.url.split('?');
    const { status, headers, bytes } = await docs.at(path);
    // A file that is not part of the documentation is answered with 404.
    if (status >= 400) throw new Problem(404, 'unknown_url', `no such URL: ${request.url}`);
    reply.code(status).headers(headers).header('content-security-policy', docsPolicy);
    return sendBytes(reply, bytes, placesOf(request));
  };
  app.get('/openapi.json', answer);
  app.get('/docs', answer);
  app.get('/docs/*', answer);
}

const nowhere: Doc = { status: 404, headers: {}, bytes: Buffer.alloc(0) };

/** The files, made when first asked for and kept: however many clients ask at once, each is made once. */
class Docs {
  private readonly routes: readonly Route[];
  private readonly made = new Map<string, Promise<Doc>>();
  private app: Promise<App> | undefined;

  constructor(routes: readonly Route[]) {
    this.routes = routes;
  }

  async at(path: string): Promise<Doc> {
    if (!plainPath.test(path)) return nowhere;
    const known = this.made.get(path);
    if (known !== undefined) return known;
    const making = this.make(path);
    this.made.set(path, making);
    const isThere = await making.then(
      ({ status }) => status < 400,
      () => false,
    );
    if (!isThere) this.made.delete(path);
    return making;
  }

  private async make(path: string): Promise<Doc> {
    this.app ??= createDocs(this.routes);
    const answer = await (await this.app).inject({ method: 'GET', url: path });
    const headers = docHeaders.flatMap((name) => {
      const value = answer.headers[name];
      return value === undefined ? [] : [[name, String(value)] as const];
    });
    const { statusCode: status, rawPayload: bytes } = answer;
    return { status, headers: Object.fromEntries(headers), bytes };
  }
}

const docHeaders = ['content-type', 'location', 'last-modified'];

/** Its own scripts and styles and nothing from elsewhere; what it tries out it asks of this server. */
const docsPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
  "font-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'";

/** An app that never listens: it knows the routes, and serves what describes them. */
async function createDocs(routes: readonly Route[]): Promise<App> {
  const { fastifySwagger } = await import('@fastify/swagger');
  const { fastifySwaggerUi } = await import('@fastify/swagger-ui');
  const app = Fastify({ exposeHeadRoutes: false, schemaController: noCompilers });
  app.setValidatorCompiler(() => () => true);
  app.setSerializerCompiler(() => JSON.stringify);
  for (const schema of components) app.addSchema(schema);
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'fingerpost',
        description: 'A BGP route server. Writes need a bearer token or the control socket.',
        version: '1',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: '/', description: 'This route server' }],
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    },
    refResolver: { buildLocalReference: (json) => String(json.$id) },
  });
  await app.register(fastifySwaggerUi, {
    routePrefix: '/docs',
    theme: { title: 'fingerpost' },
    uiConfig: { layout: 'BaseLayout', deepLinking: true, docExpansion: 'list' },
  });
  for (const route of routes) {
    if (route.isUndocumented === true) continue;
    app.route({
      method: route.method,
      url: route.url,
      schema: documented(route),
      handler: async () => '',
    });
  }
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
  await app.ready();
  return app;
}

function documented(route: Route): object {
  const answer: object =
    route.answer === undefined
      ? { 'text/plain': { schema: { type: 'string' } } }
      : { 'application/json': { schema: referred(route.answer) } };
  return {
    operationId: operationId(route),
    summary: route.summary,
    tags: [route.tag],
    ...(route.params !== NoInput && { params: route.params }),
    ...(route.query !== NoInput && { querystring: route.query }),
    ...(route.body !== NoInput && { body: documentedBody(route) }),
    security: route.method === 'GET' ? [] : [{ token: [] }],
    response: {
      200: { description: 'Success', content: answer },
      ...(route.makes === true && { 201: { description: 'Created', content: answer } }),
      ...Object.fromEntries([...refusalsOf(route)].map(([status, why]) => [status, problem(why)])),
      default: problem('The reason of the failure (RFC 9457)'),
    },
  };
}

function problem(description: string): object {
  const content = { 'application/problem+json': { schema: referred(ProblemSchema) } };
  return { description, content };
}

/** `get_peers_name_received`: what generators of clients call a function. */
function operationId({ method, url }: Route): string {
  const parts = url.replace('/api/v1/', '/').match(/\w+/g) ?? ['root'];
  return [method.toLowerCase(), ...parts].join('_');
}

function documentedBody(route: Route): object {
  if (route.textBodyBytes === undefined) return route.body;
  return { content: { 'application/yaml': { schema: route.body } } };
}

function referred(schema: TSchema): object {
  return '$id' in schema ? { $ref: `${String(schema.$id)}#` } : schema;
}
