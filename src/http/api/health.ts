import { ReadySchema } from '#api/views/status.ts';
import { json } from '../answers/answer.ts';
import { Problem } from '../problem.ts';
import { NoInput } from '../requests.ts';
import { type Route, route } from '../route.ts';

const input = { params: NoInput, query: NoInput, body: NoInput } as const;

/** What load balancers, systemd and Prometheus request; no rate limit applies. */
export const healthRoutes: readonly Route[] = [
  route({
    ...input,
    method: 'GET',
    url: '/livez',
    summary: 'Whether the process responds',
    tag: 'daemon',
    unlimited: true,
    isInstant: true,
    handle: () => ({ kind: 'text', contentType: 'text/plain; charset=utf-8', text: 'ok\n' }),
  }),
  route({
    ...input,
    method: 'GET',
    url: '/readyz',
    summary: 'Whether the daemon is ready to serve routes; 503 with the reasons if not',
    tag: 'daemon',
    answer: ReadySchema,
    unlimited: true,
    isInstant: true,
    handle({ queries }) {
      const view = queries.ready();
      if (view.ready) return json(view);
      const detail = view.reasons.join('; ') || 'not ready yet';
      throw new Problem(503, 'not_ready', detail, { ready: false, reasons: view.reasons });
    },
  }),
  route({
    ...input,
    method: 'GET',
    url: '/metrics',
    summary: 'Metrics in the Prometheus text format 0.0.4',
    tag: 'daemon',
    unlimited: true,
    isInstant: true,
    async handle({ metrics }) {
      const text = await metrics.page();
      return { kind: 'text', contentType: metrics.contentType, text };
    },
  }),
  route({
    ...input,
    method: 'GET',
    url: '/metrics/bird',
    summary: 'Sessions and routes with the names of bird_exporter, for dashboards made for BIRD',
    tag: 'daemon',
    unlimited: true,
    async handle({ metrics }) {
      const text = await metrics.birdPage();
      return { kind: 'text', contentType: metrics.contentType, text };
    },
  }),
];
