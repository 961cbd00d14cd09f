import type { DrainOutcome, UndrainCommand, UndrainOutcome } from '#api/commands.ts';
import { type DomainName, domainNames } from '#api/names.ts';
import type { Work } from '#api/queries.ts';
import {
  DrainAnswerSchema,
  DrainListSchema,
  DrainSchema,
  NodeEffectSchema,
  UndrainedSchema,
} from '#api/views/drain.ts';
import { type Answer, json } from '../answers/answer.ts';
import { finished } from '../answers/work.ts';
import type { Context } from '../context.ts';
import { found, Problem } from '../problem.ts';
import {
  DrainBody,
  DrainParams,
  NodeParams,
  NoInput,
  UndrainQuery,
  VolatileQuery,
} from '../requests.ts';
import { type Route, route } from '../route.ts';

/** Routes that take nodes out of service, and that say whether routers still use them. */
export const drainRoutes: readonly Route[] = [
  route({
    method: 'GET',
    url: '/api/v1/drains',
    summary: 'The drains in force, and for each address and router whether it has taken effect',
    tag: 'drains',
    params: NoInput,
    query: NoInput,
    body: NoInput,
    answer: DrainListSchema,
    handle: async (context) => {
      const { queries } = context;
      const items = await shown(context, queries.drains());
      return json({ items, rib_version: queries.status().rib.version });
    },
  }),
  route({
    method: 'GET',
    url: '/api/v1/drains/:id',
    summary: 'One drain',
    tag: 'drains',
    params: DrainParams,
    query: NoInput,
    body: NoInput,
    answer: DrainSchema,
    handle: async (context, { params: { id } }) =>
      json(await shown(context, found(context.queries.drainOf(id), ...unknownDrain(id)))),
  }),
  route({
    method: 'POST',
    url: '/api/v1/drains',
    right: 'drain',
    checksNodes: true,
    makes: true,
    summary: 'Take a node, site, rack or peer out of service; its sessions stay up',
    tag: 'drains',
    refuses: [404, 409],
    params: NoInput,
    query: NoInput,
    body: DrainBody,
    answer: DrainAnswerSchema,
    async handle(context, { body, by, requireNodes }) {
      const { ttl_s: ttlS, comment, force, volatile: isVolatile, ...targets } = body;
      const target = targetOf(targets);
      requireNodes(context.queries.nodesOf(target.kind, target.name));
      const command = {
        ...target,
        ...(ttlS !== undefined && { ttlS }),
        ...(comment !== undefined && { comment }),
        ...(force !== undefined && { isForced: force }),
        ...(isVolatile !== undefined && { isVolatile }),
      };
      return drained(context, await context.commands.drain(command, by));
    },
  }),
  route({
    method: 'DELETE',
    url: '/api/v1/drains/:id',
    right: 'drain',
    checksNodes: true,
    summary: 'End a drain',
    tag: 'drains',
    refuses: [409],
    params: DrainParams,
    query: VolatileQuery,
    body: NoInput,
    answer: UndrainedSchema,
    async handle(context, { params: { id }, query: { volatile: isVolatile }, by, requireNodes }) {
      const drain = await finished(
        context.turns,
        found(context.queries.drainOf(id), ...unknownDrain(id)),
      );
      requireNodes(drain.nodes);
      const how = isVolatile === undefined ? {} : { isVolatile };
      const outcome = await context.commands.undrain({ which: { kind: 'id', id }, ...how }, by);
      return undrained(context, found(outcome, ...unknownDrain(id)), 'nothing was drained');
    },
  }),
  route({
    method: 'DELETE',
    url: '/api/v1/drains',
    right: 'drain',
    checksNodes: true,
    summary: 'End the drain of a node, site, rack or peer or, without any, all drains',
    tag: 'drains',
    refuses: [404, 409],
    params: NoInput,
    query: UndrainQuery,
    body: NoInput,
    answer: UndrainedSchema,
    async handle(context, { query: { volatile: isVolatile, ...targets }, by, requireNodes }) {
      const which = whichOf(targets);
      if (which.kind === 'target') requireNodes(context.queries.nodesOf(which.domain, which.name));
      else {
        const drains = await finished(context.turns, context.queries.drains());
        const nodes = drains.flatMap((drain) => drain.nodes);
        if (nodes.length > 0) requireNodes(nodes);
      }
      const how = isVolatile === undefined ? {} : { isVolatile };
      const outcome = await context.commands.undrain({ which, ...how }, by);
      const what =
        which.kind === 'target' ? `${which.domain} ${which.name} was not` : 'nothing was';
      return undrained(context, found(outcome, ...unknownDrain('')), `${what} drained`);
    },
  }),
  route({
    method: 'GET',
    url: '/api/v1/nodes/:name/effect',
    summary: 'Whether any router is still sent to the node, whoever takes it out of service',
    tag: 'drains',
    params: NodeParams,
    query: NoInput,
    body: NoInput,
    answer: NodeEffectSchema,
    handle: async (context, { params: { name } }) =>
      json(await shown(context, context.queries.nodeEffect(name))),
  }),
];

/** A daemon whose sessions end knows of no route to the node any more, which does not show that routers have none. */
async function shown<Effect>({ commands, turns }: Context, effect: Work<Effect>): Promise<Effect> {
  const value = await finished(turns, effect);
  if (!commands.isStopping) return value;
  const text = 'the daemon is stopping: whether traffic has moved is not known any more';
  throw new Problem(503, 'stopping', text);
}

async function drained(
  { commands, queries, turns }: Context,
  outcome: DrainOutcome,
): Promise<Answer> {
  if (!outcome.ok) throw new Problem(409, 'refused', outcome.message);
  await commands.decided();
  const { id, isNew, warnings } = outcome;
  const view = await finished(turns, found(queries.drainOf(id), ...unknownDrain(id)));
  const body = { ...view, is_new: isNew, warnings: [...warnings] };
  return isNew ? { kind: 'json', status: 201, body } : json(body);
}

async function undrained(
  { commands }: Context,
  outcome: UndrainOutcome,
  nothing: string,
): Promise<Answer> {
  if (!outcome.ok) throw new Problem(409, 'refused', outcome.message);
  await commands.decided();
  const { ended, warnings } = outcome;
  const names = ended.map(({ target: { kind, name } }) => `${kind} ${name}`);
  const message = names.length === 0 ? nothing : `no longer drained: ${names.join(', ')}`;
  return json({ ended, message, warnings: [...warnings] });
}

type Targets = Partial<Record<DomainName, string>>;

function targetOf(targets: Targets): { kind: DomainName; name: string } {
  const given = givenIn(targets);
  if (given.length === 1) return given[0];
  throw new Problem(400, 'bad_request', 'expected exactly one of node, site, rack and peer');
}

function whichOf(targets: Targets): UndrainCommand['which'] {
  const given = givenIn(targets);
  if (given.length === 0) return { kind: 'all' };
  if (given.length > 1) {
    throw new Problem(400, 'bad_request', 'expected at most one of node, site, rack and peer');
  }
  const [{ kind, name }] = given;
  return { kind: 'target', domain: kind, name };
}

function givenIn(targets: Targets): { kind: DomainName; name: string }[] {
  return domainNames.flatMap((kind) => {
    const name = targets[kind];
    return name === undefined ? [] : [{ kind, name }];
  });
}

function unknownDrain(id: string): [kind: string, detail: string] {
  return ['unknown_drain', `no drain has the id ${id}`];
}
