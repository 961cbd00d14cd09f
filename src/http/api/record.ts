import { EventListSchema, withoutNames } from '#api/event-view.ts';
import { DoneSchema } from '#api/problem.ts';
import { EventsQuery, NoInput, NoteBody } from '../requests.ts';
import { json, type Route, route } from '../route.ts';

/** What happened, and what operators say of it. */
export const recordRoutes: readonly Route[] = [
  route({
    method: 'GET',
    url: '/api/v1/events',
    summary: 'What happened, newest first; names of operators and their comments only with a token',
    tag: 'record',
    params: NoInput,
    query: EventsQuery,
    body: NoInput,
    answer: EventListSchema,
    handle: ({ queries }, { query: { limit, cursor, ...query }, seesNames }) => {
      const page = { limit, ...(cursor !== undefined && { cursor }) };
      const { items, ...more } = queries.events(query, page);
      return json({ items: seesNames ? items : items.map(withoutNames), ...more });
    },
  }),
  route({
    method: 'POST',
    url: '/api/v1/notes',
    summary: 'Put a line into the record',
    tag: 'record',
    params: NoInput,
    query: NoInput,
    body: NoteBody,
    answer: DoneSchema,
    handle: ({ commands }, { body: { text }, by }) => json(commands.note(text, by)),
  }),
];
