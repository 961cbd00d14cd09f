import { announceIpv4, announceIpv6, changed, med, shortAsPath, u32 } from './bytes.ts';
import type { Case, Family, PeerProfile } from './case.ts';
import type { OpenParts } from './open-bytes.ts';
import type { Own } from './own.ts';
import type { Announced, RouteView } from './route-view.ts';
import type { Speaker } from './speaker.ts';
import type { Stage } from './stage.ts';
import type { Clients } from './world.ts';

/**
 * A source announces a route with MED 1, then it sends what the case is about, then the client is looked at, and so is
 * whether the session has stayed up.
 */
export interface UpdateRow {
  readonly name: string;
  readonly clause: string;
  /** What is sent; the prefixes of the case are in `own`. */
  readonly send: (own: Own) => Uint8Array | readonly Uint8Array[];
  readonly want: Want;
  /** The family of the route that is looked at and was announced before. Default ipv4. */
  readonly family?: Family;
  /** Nothing is announced beforehand. */
  readonly isFirst?: boolean;
  readonly peer?: PeerProfile;
  readonly open?: OpenParts;
  /** The client that is looked at. Default the plain client. */
  readonly client?: keyof Clients;
  /** Another route than `own.ipv4()` or `own.ipv6()`. */
  readonly route?: (own: Own) => Buffer;
  readonly isOurs?: boolean;
}

export interface Want {
  /** What is expected of the route, once everything has been judged. */
  readonly route: 'withdrawn' | 'kept' | 'announced' | 'not sent';
  /** The NOTIFICATION that ends the session; absent: the session stays up. Without data, any data is accepted. */
  readonly notification?: { readonly code: string; readonly data?: string };
  /**
   * The attributes of the announced route, by type: flags (without Extended Length) and value in hex; for type 14 the
   * next hop.
   */
  readonly attributes?: Readonly<Record<number, string>>;
}

/** The existing route is withdrawn, and the session stays up (RFC 7606 treat-as-withdraw). */
export const withdrawn: Want = { route: 'withdrawn' };
/** The existing route has not been changed. */
export const kept: Want = { route: 'kept' };
/** The new route replaces the old one. */
export const announced: Want = { route: 'announced' };
/** There was no route, and there is none. */
export const notSent: Want = { route: 'not sent' };

/** The new route, and some of its attributes as the client sees them; `absent` in place of hex. */
export function seen(attributes: Readonly<Record<number, string>>): Want {
  return { route: 'announced', attributes };
}

/** The session ends with this NOTIFICATION, and its routes are removed. */
export function reset(code: string, data?: string): Want {
  const notification = { code, ...(data !== undefined && { data: data.replaceAll(' ', '') }) };
  return { route: 'withdrawn', notification };
}

/**
 * An error that spoils an MP attribute disables its family if another one is left, and otherwise ends the session (RFC
 * 7606 §2, §3 j, §7.11).
 */
export function spoilt(row: Omit<UpdateRow, 'want'>, ending = reset('3/9')): UpdateRow[] {
  const families = [row.family ?? 'ipv4'];
  return [
    { ...row, name: `${row.name} disables its family`, want: withdrawn },
    {
      ...row,
      name: `${row.name} resets a session of one family`,
      peer: { families },
      want: ending,
    },
  ];
}

export function updateCase(row: UpdateRow): Omit<Case, 'group'> {
  const { name, clause, want, isOurs } = row;
  return {
    name,
    clause,
    peers: { source: row.peer ?? {} },
    want: wantText(want),
    ...(isOurs === true && { isOurs }),
    play: (stage) => play(stage, row),
  };
}

function wantText({ route, notification, attributes }: Want): string {
  if (notification !== undefined) {
    const data = notification.data === undefined ? '' : ` ${notification.data}`;
    return `NOTIFICATION ${notification.code}${data.trimEnd()}; ${route}`;
  }
  const parts = Object.entries(attributes ?? {}).map(
    ([type, value]) => `${type} ${value.replaceAll(' ', '')}`,
  );
  return ['up; ' + route, ...parts].join(', ');
}

async function play(stage: Stage, row: UpdateRow): Promise<string> {
  const view = stage.clients[row.client ?? 'plain'];
  const source = await stage.session('source', row.open);
  const nlri = (row.route ?? ((own) => own[row.family ?? 'ipv4']()))(stage.own);
  if (row.isFirst !== true) await announceBefore(stage, row, source, view, nlri);
  const sent = row.send(stage.own);
  source.send(...(sent instanceof Uint8Array ? [sent] : sent));
  const session = await stage.passed(source, view);
  const look = (): string => `${sessionText(session, row.want)}; ${routeText(view, nlri, row)}`;
  // Not every daemon sends in the order in which it judges.
  await stage.until(() => look() === wantText(row.want));
  return look();
}

async function announceBefore(
  stage: Stage,
  row: UpdateRow,
  source: Speaker,
  view: RouteView,
  nlri: Buffer,
): Promise<void> {
  const { asBytes, hasPathIds, as } = source.encoding;
  const attributes = asBytes === 4 ? changed(med(1)) : changed(med(1), shortAsPath(as));
  const whole = hasPathIds ? Buffer.concat([Buffer.from(u32(1)), nlri]) : nlri;
  const before =
    row.family === 'ipv6'
      ? announceIpv6(
          whole,
          attributes.filter((each) => each[1] !== 3),
        )
      : announceIpv4(whole, attributes);
  source.send(before);
  const isThere = await stage.until(() => view.route(nlri) !== undefined || source.isClosed);
  if (!isThere || source.isClosed) {
    throw new Error(`the first route did not get through: ${await source.ending()}`);
  }
}

function sessionText(session: string, { notification }: Want): string {
  if (notification === undefined || notification.data !== undefined) return session;
  return session.split(' ').slice(0, 2).join(' ');
}

function routeText(view: RouteView, nlri: Buffer, row: UpdateRow): string {
  const route = view.route(nlri);
  if (route === undefined) return view.historyOf(nlri).length > 0 ? 'withdrawn' : 'not sent';
  if (route.attributes.get(4)?.value.equals(Buffer.from(u32(1))) === true) return 'kept';
  const types = Object.keys(row.want.attributes ?? {}).map(Number);
  return ['announced', ...types.map((type) => `${type} ${attributeText(route, type)}`)].join(', ');
}

/** Flags without Extended Length, which each sender uses as it likes, and the value. */
export function attributeText({ attributes }: Announced, type: number): string {
  const found = attributes.get(type);
  if (found === undefined) return 'absent';
  const { flags, value } = found;
  return (flags & 0xef).toString(16).padStart(2, '0') + valueOf(type, value).toString('hex');
}

function valueOf(type: number, value: Buffer): Buffer {
  if (type === 14) return value.subarray(4, 4 + value[3]);
  return type === 2 || type === 17 ? joinSequences(value) : value;
}

/** A path means the same in one sequence or in two (RFC 4271 §5.1.2 splits it where one is full). */
function joinSequences(value: Buffer): Buffer {
  const asBytes = segmentsOf(value, 4) === undefined ? 2 : 4;
  const joined: Buffer[] = [];
  for (const segment of segmentsOf(value, asBytes) ?? [value]) {
    const last = joined.at(-1);
    const isOneMore = last?.[0] === 2 && segment[0] === 2 && last[1] + segment[1] <= 255;
    if (last === undefined || !isOneMore) joined.push(Buffer.from(segment));
    else {
      const whole = Buffer.concat([last, segment.subarray(2)]);
      whole[1] += segment[1];
      joined[joined.length - 1] = whole;
    }
  }
  return Buffer.concat(joined);
}

/** Returns `undefined` if the value does not consist of such segments. */
function segmentsOf(value: Buffer, asBytes: number): Buffer[] | undefined {
  const segments: Buffer[] = [];
  for (let at = 0; at < value.length;) {
    const end = at + 2 + value[at + 1] * asBytes;
    if (!(end <= value.length) || value[at] < 1 || value[at] > 4) return undefined;
    segments.push(value.subarray(at, end));
    at = end;
  }
  return segments;
}

export interface AttributeRow {
  readonly name: string;
  readonly clause: string;
  /** The attributes of an UPDATE whose NLRI field has the route. */
  readonly attributes: readonly Buffer[];
  readonly want: Want;
  readonly peer?: PeerProfile;
  readonly open?: OpenParts;
  readonly client?: keyof Clients;
  readonly isOurs?: boolean;
}

/** An IPv4 route with these attributes. */
export function attributeCase({ attributes, ...row }: AttributeRow): Omit<Case, 'group'> {
  return updateCase({ ...row, send: (own) => announceIpv4(own.ipv4(), attributes) });
}

/** An IPv6 route with these attributes in addition to its MP_REACH_NLRI. */
export function ipv6AttributeCase({ attributes, ...row }: AttributeRow): Omit<Case, 'group'> {
  const send = (own: Own): Buffer => announceIpv6(own.ipv6(), attributes);
  return updateCase({ ...row, family: 'ipv6', send });
}
