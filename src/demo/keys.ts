/** What a key does; `node` is 0, 1 or 2. */
export type KeyAction =
  | { readonly kind: 'toggleHealth'; readonly node: number }
  | { readonly kind: 'toggleProcess'; readonly node: number }
  | { readonly kind: 'quit' };

/** A key as node:readline reports it. */
export interface Key {
  /** The character, if it is one. */
  readonly text: string | undefined;
  readonly name?: string | undefined;
  readonly isCtrl?: boolean;
}

/** What Shift with 1, 2 and 3 produces on American, British and most European keyboards. */
const shifted = ['!', '@"', '#£§·№*'];

/** Turns keys into actions. `k` followed by a digit is for keyboards where Shift with a digit types the digit. */
export class Keys {
  private isKill = false;

  press({ text = '', name, isCtrl = false }: Key): KeyAction | undefined {
    const wasKill = this.isKill;
    this.isKill = !isCtrl && text.toLowerCase() === 'k';
    if (isCtrl) return name === 'c' ? { kind: 'quit' } : undefined;
    if (text.toLowerCase() === 'q') return { kind: 'quit' };
    if (text.length !== 1) return undefined;
    const digit = '123'.indexOf(text);
    if (digit >= 0) return { kind: wasKill ? 'toggleProcess' : 'toggleHealth', node: digit };
    const node = shifted.findIndex((characters) => characters.includes(text));
    return node < 0 ? undefined : { kind: 'toggleProcess', node };
  }
}
