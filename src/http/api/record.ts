import { EventListSchema, FailoverListSchema } from '#api/events/event-view.ts';
import { DoneSchema } from '#api/problem.ts';
import { TroubleSchema } from '#api/views/trouble.ts';
import { json } from '../answers/answer.ts';
import { EventsQuery, FailoversQuery, NoInput, NoteBody, TroubleQuery } from '../requests.ts';
import { type Route, route } from '../route.ts';

/** What happened, and what operators say about it. */
export const recordRoutes: readonly Route[] = [
  route({
    method: 'GET',
    url: '/api/v1/events',
    summary: 'What happened, newest first; names of operators and their comments only with a token',
    tag: 'history',
    params: NoInput,
    query: EventsQuery,
    body: NoInput,
    answer: EventListSchema,
    handle: async ({ queries }, { query: { limit, cursor, ...query } }) => {
      const page = { limit, ...(cursor !== undefined && { cursor }) };
      return json(await queries.events(query, page));
    },
  }),
  route({
    method: 'GET',
    url: '/api/v1/failovers',
    summary: 'Addresses of services that moved, newest first: why, and how long each stage took',
    tag: 'history',
    params: NoInput,
    query: FailoversQuery,
    body: NoInput,
    answer: FailoverListSchema,
    handle: async ({ queries }, { query: { limit, cursor, ...query } }) => {
      const page = { limit, ...(cursor !== undefined && { cursor }) };
      return json(await queries.failovers(query, page));
    },
  }),
  route({
    method: 'GET',
    url: '/api/v1/trouble',
    summary:
      'What is wrong now: the verdict and its age, affected addresses, what lost sessions have in common, running timers, ' +
      'what was changed and by whom, and what must not be touched',
    tag: 'history',
    params: NoInput,
    query: TroubleQuery,
    body: NoInput,
    answer: TroubleSchema,
    handle: async ({ queries }, { query: { since } }) => json(await queries.trouble(since)),
  }),
  route({
    method: 'POST',
    url: '/api/v1/notes',
    summary: 'Add a note to the event history',
    tag: 'history',
    params: NoInput,
    query: NoInput,
    body: NoteBody,
    answer: DoneSchema,
    handle: ({ commands }, { body: { text }, by }) => json(commands.note(text, by)),
  }),
];
