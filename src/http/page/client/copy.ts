/** Shows what only a script can do, and copies when asked to; the same texts can be selected by hand. */
export function offerCopies(): void {
  showCopies();
  document.addEventListener('click', (event) => {
    if (!(event.target instanceof Element)) return;
    const button = event.target.closest<HTMLButtonElement>('[data-copy], [data-copy-from]');
    if (button !== null) void copy(button);
  });
}

/** To be called after a part of the page was replaced, too. */
export function showCopies(): void {
  for (const button of document.querySelectorAll<HTMLElement>(
    'button[hidden], [data-script][hidden]',
  )) {
    button.hidden = false;
  }
}

async function copy(button: HTMLButtonElement): Promise<void> {
  const { copy: text, copyFrom } = button.dataset;
  const label = button.textContent;
  try {
    const copied = copyFrom === undefined ? (text ?? '') : await jsonAt(copyFrom);
    await write(copied);
    button.textContent = 'Copied';
  } catch {
    button.textContent = 'Could not copy';
  }
  setTimeout(() => {
    button.textContent = label;
  }, 1500);
}

async function jsonAt(url: string): Promise<string> {
  const response = await fetch(url);
  return JSON.stringify(await response.json(), undefined, 2);
}

/** Over plain HTTP from another host, scripts reach the clipboard of a browser only by this older way. */
async function write(text: string): Promise<void> {
  if (navigator.clipboard !== undefined) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const area = document.createElement('textarea');
  area.value = text;
  document.body.append(area);
  area.select();
  const isCopied = document.execCommand('copy');
  area.remove();
  if (!isCopied) throw new Error('not copied');
}
