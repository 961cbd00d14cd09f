import type { Dice } from '#support/dice.ts';
import { octets } from './routes.ts';
import type { AttributePart, UpdateParts } from './update-parts.ts';

/** What may be wrong with an UPDATE, by weight: each is an error of a kind that real speakers have made. */
const partMutations: readonly (readonly [number, (parts: UpdateParts, dice: Dice) => void])[] = [
  [
    6,
    (parts, dice) =>
      onAttribute(parts, dice, (part) => ({ ...part, flags: flipped(part.flags, dice) })),
  ],
  [2, (parts, dice) => onAttribute(parts, dice, (part) => ({ ...part, type: typeOf(dice) }))],
  [
    6,
    (parts, dice) =>
      onAttribute(parts, dice, (part) => ({ ...part, value: edited(part.value, dice) })),
  ],
  [
    3,
    (parts, dice) =>
      onAttribute(parts, dice, (part) => ({
        ...part,
        value: part.value.slice(0, dice.below(part.value.length + 1)),
      })),
  ],
  [
    3,
    (parts, dice) =>
      onAttribute(parts, dice, (part) => ({
        ...part,
        value: Uint8Array.of(...part.value, ...octets(dice, 1 + dice.below(5))),
      })),
  ],
  [
    2,
    (parts, dice) =>
      onAttribute(parts, dice, (part) => ({ ...part, saidLength: saidLength(part, dice) })),
  ],
  [5, duplicate],
  [5, remove],
  [3, swap],
  [
    4,
    (parts, dice) =>
      insert(parts, dice, {
        flags: dice.pick([0x80, 0xc0, 0xe0, 0xd0]),
        type: typeOf(dice),
        value: octets(dice, dice.below(20)),
      }),
  ],
  [
    1,
    (parts, dice) =>
      insert(parts, dice, {
        flags: dice.below(256),
        type: dice.below(256),
        value: octets(dice, dice.below(9)),
      }),
  ],
  [1, (parts, dice) => (parts.nlri = edited(parts.nlri, dice))],
  [1, (parts, dice) => (parts.withdrawn = edited(parts.withdrawn, dice))],
  [1, (parts) => ([parts.nlri, parts.withdrawn] = [parts.withdrawn, parts.nlri])],
  [1, (parts) => (parts.withdrawn = parts.nlri)],
];

const knownTypes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 14, 15, 16, 17, 18, 25, 32, 35, 0, 99];

/** Makes one to three mistakes. */
export function mutateParts(parts: UpdateParts, dice: Dice): void {
  const count = dice.chance(0.7) ? 1 : 2 + dice.below(2);
  for (let i = 0; i < count; i++) dice.weighted(partMutations)[1](parts, dice);
}

/** Any message, wrong in its bytes: in a few of them, its length, its type, or its end. */
export function mutateBytes(message: Uint8Array, dice: Dice): Uint8Array {
  switch (dice.below(8)) {
    case 0:
      return message.with(16 + dice.below(2), dice.below(256));
    case 1:
      return message.with(18, dice.below(7));
    case 2:
      return message.with(dice.below(16), dice.below(256));
    case 3:
      return reframed(message.slice(0, 19 + dice.below(message.length - 18)));
    case 4:
      return reframed(Uint8Array.of(...message, ...octets(dice, 1 + dice.below(20))));
    default:
      return flippedBytes(message, dice);
  }
}

/** Makes the length field right again. */
export function reframed(message: Uint8Array): Uint8Array {
  return message.with(16, (message.length >> 8) & 255).with(17, message.length & 255);
}

/** Changes a few bytes after the header. */
export function flippedBytes(message: Uint8Array, dice: Dice): Uint8Array {
  const changed = message.slice();
  if (message.length === 19) return changed;
  for (let i = 1 + dice.below(3); i > 0; i--) {
    changed[19 + dice.below(message.length - 19)] = byteOf(dice);
  }
  return changed;
}

function onAttribute(
  parts: UpdateParts,
  dice: Dice,
  change: (part: AttributePart) => AttributePart,
): void {
  const places = parts.attributes.map((_, at) => at);
  // An error in an MP attribute ends the session, so it is rare here, which gives the others a chance.
  const plain = places.filter((at) => !isMp(parts.attributes[at]));
  const chosen = plain.length > 0 && dice.chance(0.85) ? plain : places;
  if (chosen.length === 0) return;
  const at = dice.pick(chosen);
  parts.attributes[at] = change(parts.attributes[at]);
}

function isMp({ type }: AttributePart): boolean {
  return type === 14 || type === 15;
}

function duplicate(parts: UpdateParts, dice: Dice): void {
  if (parts.attributes.length === 0) return;
  const part = dice.pick(parts.attributes);
  const copy = dice.chance(0.5) ? part : { ...part, value: edited(part.value, dice) };
  insert(parts, dice, copy);
}

function remove(parts: UpdateParts, dice: Dice): void {
  if (parts.attributes.length > 0) parts.attributes.splice(dice.below(parts.attributes.length), 1);
}

function swap(parts: UpdateParts, dice: Dice): void {
  const [part] = parts.attributes.splice(dice.below(parts.attributes.length + 1), 1);
  if (part !== undefined) insert(parts, dice, part);
}

function insert(parts: UpdateParts, dice: Dice, part: AttributePart): void {
  parts.attributes.splice(dice.below(parts.attributes.length + 1), 0, part);
}

function flipped(flags: number, dice: Dice): number {
  return flags ^ dice.pick([0x80, 0x40, 0x20, 0x20, 0x10, 0x10, 1, 0xc0, 0x0f]);
}

function typeOf(dice: Dice): number {
  return dice.pick(knownTypes);
}

function saidLength({ value }: AttributePart, dice: Dice): number {
  return dice.pick([
    0,
    value.length + 1,
    Math.max(value.length - 1, 0),
    255,
    65535,
    dice.below(40),
  ]);
}

/** Changes one to three bytes. */
function edited(value: Uint8Array, dice: Dice): Uint8Array {
  if (value.length === 0) return octets(dice, 1 + dice.below(6));
  const changed = value.slice();
  for (let i = 1 + dice.below(3); i > 0; i--) changed[dice.below(value.length)] = byteOf(dice);
  return changed;
}

/** Returns an octet; half of them have a meaning somewhere. */
function byteOf(dice: Dice): number {
  return dice.chance(0.5)
    ? dice.pick([0, 1, 2, 3, 4, 15, 16, 32, 33, 64, 128, 129, 255])
    : dice.below(256);
}
