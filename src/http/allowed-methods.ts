import type { Route } from './route.ts';

/** The methods of the routes at this URL, as `Allow` lists them (RFC 9110 §10.2.1); none where nothing is. */
export function allowedMethods(routes: readonly Route[], url: string): string[] {
  const [path] = url.split('?');
  const methods = routes.filter((route) => patternOf(route).test(path)).map(({ method }) => method);
  return [...new Set(methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : method)))];
}

/** `/api/v1/peers/:name` is any one part in the place of the name. */
function patternOf({ url }: Route): RegExp {
  return new RegExp(`^${url.replaceAll('.', String.raw`\.`).replaceAll(/:\w+/g, '[^/]+')}$`);
}
