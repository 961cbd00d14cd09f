import type { By } from '#api/by.ts';
import type { CommandOutcome, Commands } from '#api/commands.ts';
import { DoneSchema } from '#api/problem.ts';
import { type Answer, json } from '../answers/answer.ts';
import { foundPeer, Problem } from '../problem.ts';
import {
  ConfigText,
  ConfirmBody,
  NoInput,
  PeerParams,
  ReasonBody,
  RefreshBody,
  ReloadBody,
  ShutdownBody,
} from '../requests.ts';
import { type Route, route } from '../route.ts';
import { sentConfig } from '../sent-config.ts';

/**
 * Every request that changes something. What a command on a peer changes has been decided when it is answered; what a
 * reload changes is judged in slices after that.
 */
export const commandRoutes: readonly Route[] = [
  onPeer('enable', 'Enable a disabled peer', (commands, name) => commands.enable(name)),
  onPeer('disable', 'Disable a peer until it is enabled again', (commands, name, reason, by) =>
    commands.disable(name, reason, by),
  ),
  onPeer(
    'reset',
    'End the session, which is then re-established automatically',
    (commands, name, reason, by) => commands.reset(name, reason, by),
  ),
  route({
    method: 'POST',
    url: '/api/v1/peers/:name/refresh',
    right: 'peers',
    summary: 'Ask the peer for its routes again, send it our routes again, or both',
    tag: 'peers',
    refuses: [409],
    params: PeerParams,
    query: NoInput,
    body: RefreshBody,
    answer: DoneSchema,
    command: ({ params: { name }, body: { reason } }) => ({
      text: `refresh ${name}`,
      peer: name,
      ...(reason !== undefined && { comment: reason }),
    }),
    handle: async ({ commands, queries }, { params: { name }, body }) => {
      const outcome = foundPeer(queries, name, commands.refresh(name, body.direction));
      return decided(commands, outcome);
    },
  }),
  route({
    method: 'POST',
    url: '/api/v1/config/check',
    right: 'config',
    summary: 'Check the YAML in the body or, without a body, the running file; nothing is changed',
    tag: 'configuration',
    refuses: [422],
    params: NoInput,
    query: NoInput,
    body: ConfigText,
    textBodyBytes: 16 * 1024 * 1024,
    answer: DoneSchema,
    handle: async ({ commands }, { body, isLocal }) =>
      done(await commands.checkConfig(sentConfig(body, isLocal))),
  }),
  route({
    method: 'POST',
    url: '/api/v1/config/reload',
    right: 'config',
    summary: 'Reload the configuration, completely or not at all',
    tag: 'configuration',
    refuses: [409, 422],
    params: NoInput,
    query: NoInput,
    body: ReloadBody,
    answer: DoneSchema,
    command: ({ body: { confirm_s: confirmS, ...flags } }) => ({
      text: [
        'reload',
        ...(confirmS === undefined ? [] : [`--confirm ${confirmS}s`]),
        ...reloadFlags.filter((flag) => flags[flag] === true).map((flag) => `--${flag}`),
      ].join(' '),
    }),
    handle: async ({ commands }, { body, by }) => {
      const { confirm_s: confirmS, force, rollback, volatile: isVolatile } = body;
      if (rollback === true && (confirmS ?? force) !== undefined) {
        throw new Problem(
          400,
          'bad_request',
          'rollback cannot be combined with confirm_s or force',
        );
      }
      const outcome = await commands.reload({
        ...(confirmS !== undefined && { confirmS }),
        ...(force !== undefined && { isForced: force }),
        ...(rollback !== undefined && { isRollback: rollback }),
        ...(isVolatile !== undefined && { isVolatile }),
        by,
      });
      return done(outcome);
    },
  }),
  route({
    method: 'POST',
    url: '/api/v1/config/confirm',
    right: 'config',
    summary: 'Confirm a reload, so that its configuration is kept',
    tag: 'configuration',
    refuses: [409],
    params: NoInput,
    query: NoInput,
    body: ConfirmBody,
    answer: DoneSchema,
    command: () => ({ text: 'confirm' }),
    handle: ({ commands }, { body: { volatile: isVolatile = false }, by }) =>
      done(commands.confirm(by, isVolatile)),
  }),
  route({
    method: 'POST',
    url: '/api/v1/shutdown',
    right: 'config',
    isAnsweredWhileStopping: true,
    summary:
      'Stop the daemon, on request only after routers have changed over to other route servers',
    tag: 'daemon',
    params: NoInput,
    query: NoInput,
    body: ShutdownBody,
    answer: DoneSchema,
    command: ({ body: { graceful, wait_s: waitS, force } }) => ({
      text: [
        'shutdown',
        ...(graceful === true ? ['--graceful'] : []),
        ...(waitS === undefined ? [] : [`--wait ${waitS}s`]),
        ...(force === true ? ['--force'] : []),
      ].join(' '),
    }),
    handle: async (
      { commands },
      { body: { graceful = false, wait_s: waitS = 30, force = false } },
    ) =>
      done(
        await commands.shutdown({
          isGraceful: graceful,
          waitMs: waitS * 1000,
          isForced: force,
        }),
      ),
  }),
];

const reloadFlags = ['force', 'rollback', 'volatile'] as const;

function onPeer(
  verb: string,
  summary: string,
  run: (
    commands: Commands,
    name: string,
    reason: string | undefined,
    by: By,
  ) => CommandOutcome | undefined,
): Route {
  return route({
    method: 'POST',
    url: `/api/v1/peers/:name/${verb}`,
    right: 'peers',
    summary,
    tag: 'peers',
    refuses: [409],
    params: PeerParams,
    query: NoInput,
    body: ReasonBody,
    answer: DoneSchema,
    command: ({ params: { name }, body: { reason } }) => ({
      text: `${verb} ${name}`,
      peer: name,
      ...(reason !== undefined && { comment: reason }),
    }),
    handle: async ({ commands, queries }, { params: { name }, body, by }) => {
      const outcome = foundPeer(queries, name, run(commands, name, body.reason, by));
      return decided(commands, outcome);
    },
  });
}

async function decided(commands: Commands, outcome: CommandOutcome): Promise<Answer> {
  if (outcome.ok) await commands.decided();
  return done(outcome);
}

/** If a configuration is refused, its text is at fault; any other refusal is due to the present state. */
function done(outcome: CommandOutcome): Answer {
  if (outcome.ok) return json(outcome);
  const { message, problems } = outcome;
  if (problems === undefined) throw new Problem(409, 'refused', message);
  throw new Problem(422, 'bad_config', message, { problems });
}
