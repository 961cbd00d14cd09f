/** The text does not have the expected form; `kind` is stable, the message is for people. */
export class TextError extends Error {
  readonly kind: TextErrorKind;
  constructor(kind: TextErrorKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

export type TextErrorKind =
  | 'bad_address'
  | 'bad_prefix'
  | 'host_bits'
  | 'bad_pattern'
  | 'bad_router_id'
  | 'bad_community'
  | 'bad_endpoint';
