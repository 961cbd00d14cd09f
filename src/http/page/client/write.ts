/** The token is kept in memory only, as long as the page is open. */
let token = '';

/** Sends the forms that drain a node or end a drain, with the token that was typed. */
export function sendWrites(): void {
  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || form.dataset.write === undefined) return;
    event.preventDefault();
    void send(form);
  });
  document.addEventListener(
    'toggle',
    ({ target }) => {
      if (!(target instanceof HTMLDetailsElement)) return;
      const field = target.querySelector<HTMLInputElement>('form[data-write] [name=token]');
      if (field?.value === '') field.value = token;
    },
    { capture: true },
  );
}

async function send(form: HTMLFormElement): Promise<void> {
  const { write: method = 'POST', url = '', confirm } = form.dataset;
  const body = bodyOf(form);
  const fields = new FormData(form);
  if (fields.get('confirm') !== confirm) {
    tell(form, `Not sent: what was typed is not ${confirm}.`);
    return;
  }
  token = String(fields.get('token'));
  try {
    const response = await fetch(url, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body }),
    });
    if (response.status === 401) token = '';
    tell(form, wordsOf(await response.json(), response.ok));
  } catch {
    tell(form, 'The daemon did not answer; look at what is drained before trying again.');
  }
}

type Field = HTMLInputElement | HTMLSelectElement;

/** Returns the JSON of a form with the values of its fields; an empty field is left out. */
function bodyOf(form: HTMLFormElement): string | undefined {
  const { body } = form.dataset;
  if (body === undefined) return undefined;
  const values: Record<string, unknown> = JSON.parse(body);
  for (const field of form.querySelectorAll<Field>('[data-key]')) {
    const value = valueOf(field);
    if (value !== undefined) values[field.dataset.key ?? ''] = value;
  }
  return JSON.stringify(values);
}

function valueOf(field: Field): string | number | true | undefined {
  if (field.type === 'checkbox') return (field as HTMLInputElement).checked ? true : undefined;
  if (field.value === '') return undefined;
  return field.dataset.kind === 'number' ? Number(field.value) : field.value;
}

interface Answer {
  readonly detail?: string;
  readonly message?: string;
  readonly id?: string;
  readonly warnings?: readonly string[];
  readonly counts?: { readonly yes: number; readonly no: number; readonly unknown: number };
  readonly rows?: readonly EffectRow[];
}

interface EffectRow {
  readonly prefix: string;
  readonly router: string;
  readonly effect: string;
  readonly why: string;
}

/** How many rows of the effect are reported one by one. */
const mostRows = 8;

/** Says what came of the request, or why it was refused. */
function wordsOf(answer: Answer, isDone: boolean): string {
  const { detail = 'refused', message, id, warnings = [], counts, rows = [] } = answer;
  if (!isDone) return detail.replaceAll('; ', '\n');
  const moved =
    counts === undefined
      ? ''
      : `: ${counts.yes} of ${counts.yes + counts.no + counts.unknown} shown to have moved`;
  const others = rows
    .filter(({ effect }) => effect !== 'yes')
    .slice(0, mostRows)
    .map(({ prefix, router, effect, why }) => `${prefix} on ${router}: ${effect}, ${why}`);
  return [message ?? `Drained as ${id}${moved}`, ...warnings, ...others].join('\n');
}

function tell(form: HTMLFormElement, text: string): void {
  const output = form.querySelector('output');
  if (output !== null) output.textContent = text;
}
