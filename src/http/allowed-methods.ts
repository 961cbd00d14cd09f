import type { Route } from './route.ts';

/**
 * Returns the methods of the routes at this URL as `Allow` lists them (RFC 9110 §10.2.1); empty if there is no route.
 */
export function allowedMethods(routes: readonly Route[], url: string): string[] {
  const [path] = url.split('?');
  const methods = routes.filter((route) => patternOf(route).test(path)).map(({ method }) => method);
  return [...new Set(methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : method)))];
}

/** In `/api/v1/peers/:name`, `:name` stands for any one part. */
function patternOf({ url }: Route): RegExp {
  return new RegExp(`^${url.replaceAll('.', String.raw`\.`).replaceAll(/:\w+/g, '[^/]+')}$`);
}
