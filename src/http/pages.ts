import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { sendBytes, type TakePlace } from './answers/send.ts';
import type { Context } from './context.ts';
import type { PageMaker } from './page/make-page.ts';
import type { PageBytes } from './page/page-bytes.ts';
import { Problem } from './problem.ts';

/** The URLs of the looking glass, in the notation of the router. */
const urls = [
  '/',
  '/timeline',
  '/events',
  '/failovers/:id',
  '/peers',
  '/peers/:name',
  '/route',
  '/search',
  '/whatif',
  '/siblings',
] as const;

/** The names of files that pages load. */
const plainName = /^[\w-]+\.(?:js|svg)$/;

/** Adds the looking glass. Its modules are loaded when a page is first requested. */
export function addPages(
  app: FastifyInstance,
  context: Context,
  placesOf: (request: FastifyRequest) => TakePlace,
): void {
  let loading: Promise<PageMaker> | undefined;
  const load = async (): Promise<PageMaker> =>
    new (await import('./page/make-page.ts')).PageMaker(context);
  const maker = (): Promise<PageMaker> => (loading ??= load());
  const answer = async (url: string, request: FastifyRequest, reply: FastifyReply) => {
    const { assets, page } = await asked(await maker(), url, request);
    if (page.kind === 'elsewhere') return reply.redirect(page.path, 302);
    reply.type('text/html; charset=utf-8').header('content-security-policy', assets.policy);
    return sendPage(reply.code(page.status), page.bytes, placesOf(request));
  };
  for (const url of urls) app.get(url, (request, reply) => answer(url, request, reply));
  // A mistyped address in a browser is answered with a page that has links to what exists.
  app.get('/:page', (request, reply) =>
    wantsPage(request) ? answer('/:page', request, reply) : reply.callNotFound(),
  );
  app.get<{ Params: { file: string } }>('/page/:file', async (request, reply) => {
    const { file } = request.params;
    const asset = plainName.test(file) ? (await maker()).assets.files.get(file) : undefined;
    if (asset === undefined) throw new Problem(404, 'unknown_url', `no such URL: ${request.url}`);
    reply.type(asset.type).header('cache-control', 'public, max-age=31536000, immutable');
    return sendBytes(reply, asset.bytes, placesOf(request));
  });
}

/** Returns whether a browser asks; programs get the answers of the API. */
function wantsPage({ headers }: FastifyRequest): boolean {
  return headers.accept?.includes('text/html') === true;
}

async function asked(maker: PageMaker, route: string, request: FastifyRequest) {
  const [path] = request.url.split('?');
  const page = await maker.page({
    route,
    asked: { ...singles(request.query), ...singles(request.params) },
    depth: path.split('/').length - 2,
    isPart: request.headers['fingerpost-part'] === 'main',
  });
  return { assets: maker.assets, page };
}

/** Returns the parameters that are given once; one that is given twice is left out. */
function singles(values: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values ?? {}).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  );
}

/**
 * The header by which browsers ask for compressed pages; any other is left to the plugin that compresses all answers.
 */
const plainlyGzip = /(?:^|,)\s*gzip\s*(?:,|$)/;

async function sendPage(
  reply: FastifyReply,
  bytes: PageBytes,
  takePlace: TakePlace,
): Promise<FastifyReply> {
  if (!plainlyGzip.test(reply.request.headers['accept-encoding'] ?? '')) {
    return sendBytes(reply, bytes.plain, takePlace);
  }
  reply.header('content-encoding', 'gzip').header('vary', 'accept-encoding');
  return sendBytes(reply, await bytes.compressed(), takePlace);
}
