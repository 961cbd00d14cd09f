import { type Html, html } from '../html.ts';

interface Write {
  /** Unique on the page. */
  readonly id: string;
  readonly label: string;
  readonly method: 'POST' | 'DELETE';
  readonly url: string;
  /** The JSON that is sent. */
  readonly body?: object;
  /** What has to be typed to confirm it. */
  readonly confirm: string;
  readonly warning: string;
  /** Further fields; the value of each field with a `data-key` is put into the JSON under that key. */
  readonly fields?: Html;
}

/**
 * Makes a form that only JavaScript can send: its token is put into a header, which a form alone cannot do, and is kept
 * in memory while the page is open.
 */
export function writeForm(write: Write): Html {
  const { id, label, method, url, body, confirm, warning, fields } = write;
  return html`<details id=${id} class="write" data-script hidden>
    <summary>${label}</summary>
    <form
      data-write=${method}
      data-url=${url}
      data-body=${body === undefined ? undefined : JSON.stringify(body)}
      data-confirm=${confirm}
    >
      <p>${warning}</p>
      ${fields}
      <label>Token<input type="password" name="token" autocomplete="off" required /></label>
      <label
        ><span>Type <b>${confirm}</b> to confirm</span
        ><input name="confirm" autocomplete="off" spellcheck="false" required
      /></label>
      <button>${label.replace('…', '')}</button>
      <output role="status"></output>
    </form>
  </details>`;
}
