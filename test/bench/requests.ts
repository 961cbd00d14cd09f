/** A request that people or programs send over HTTP. */
export interface Request {
  /** The name in the table. */
  readonly name: string;
  readonly path: string;
}

const page = 'limit=1000';

/**
 * The requests of the workload `requests`, in this order. No route has the community or the AS, so all are looked at.
 */
export const requests: readonly Request[] = [
  { name: '/routes', path: `/api/v1/routes?${page}` },
  { name: '/routes?community=', path: `/api/v1/routes?community=65001:77&${page}` },
  { name: '/routes?as=', path: `/api/v1/routes?as=64999&${page}` },
  { name: '/routes?peer=', path: `/api/v1/routes?peer=node7&${page}` },
  { name: '/routes?best=', path: `/api/v1/routes?best=true&${page}` },
  { name: '/peers', path: '/api/v1/peers' },
  { name: '/peers/NAME/received', path: `/api/v1/peers/node3/received?${page}` },
  { name: '/peers/NAME/advertised', path: `/api/v1/peers/router1/advertised?${page}` },
  { name: '/metrics', path: '/metrics' },
  { name: '/doctor', path: '/api/v1/doctor' },
  { name: 'first page', path: '/' },
];
