/** Lives as long as the page: nothing keeps it. */
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
  const { write: method = 'POST', url = '', body, confirm } = form.dataset;
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

interface Answer {
  readonly detail?: string;
  readonly message?: string;
  readonly id?: string;
  readonly warnings?: readonly string[];
  readonly counts?: { readonly yes: number; readonly no: number; readonly unknown: number };
}

/** What came of it, or why not. */
function wordsOf(answer: Answer, isDone: boolean): string {
  const { detail = 'refused', message, id, warnings = [], counts } = answer;
  if (!isDone) return detail;
  const moved =
    counts === undefined
      ? ''
      : `: ${counts.yes} of ${counts.yes + counts.no + counts.unknown} shown to have moved`;
  return [message ?? `Drained as ${id}${moved}`, ...warnings].join('. ');
}

function tell(form: HTMLFormElement, text: string): void {
  const output = form.querySelector('output');
  if (output !== null) output.textContent = text;
}
