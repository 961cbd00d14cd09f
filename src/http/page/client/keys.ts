/** Handles `/` for the search box, `?` for the list of keys, and two letters for each view. */
export function handleKeys(): void {
  const dialog = document.querySelector<HTMLDialogElement>('#help');
  document.querySelector('[data-help]')?.addEventListener('click', () => dialog?.showModal());
  let before = '';
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const { key } = event;
    const typed = `${before} ${key}`;
    before = key;
    if (key === '/') {
      event.preventDefault();
      document.querySelector<HTMLInputElement>('input[type=search]')?.focus();
    } else if (key === '?') {
      dialog?.showModal();
    } else {
      document.querySelector<HTMLAnchorElement>(`a[data-keys="${CSS.escape(typed)}"]`)?.click();
    }
  });
}

/** Lists count, too, because their entries are chosen by their first letters. */
function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.matches('input, textarea, select');
}
