import { DoctorListSchema } from '#api/views/doctor.ts';
import { json } from '../answers/answer.ts';
import { finished } from '../answers/work.ts';
import { foundPeer } from '../problem.ts';
import { DoctorQuery, NoInput } from '../requests.ts';
import { type Route, route } from '../route.ts';

/** What is wrong, and what to do about it on both sides. */
export const doctorRoutes: readonly Route[] = [
  route({
    method: 'GET',
    url: '/api/v1/doctor',
    summary: 'What is wrong or probably not intended, with evidence and the fix on both sides',
    tag: 'daemon',
    refuses: [404],
    params: NoInput,
    query: DoctorQuery,
    body: NoInput,
    answer: DoctorListSchema,
    async handle({ queries, turns }, { query: { peer } }) {
      if (peer !== undefined) foundPeer(queries, peer, queries.peer(peer));
      return json({ items: await finished(turns, queries.doctor(peer)) });
    },
  }),
];
