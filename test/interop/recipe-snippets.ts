import { readFileSync } from 'node:fs';

const page = readFileSync(new URL('../../docs/recipes.md', import.meta.url), 'utf8');

/** Returns the snippets of docs/recipes.md in this language that contain the text, unchanged. */
export function recipe(language: string, text: string): string {
  const snippets = [...page.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)];
  const found = snippets.filter(([, name, body]) => name === language && body.includes(text));
  if (found.length === 1) return found[0][2];
  throw new Error(`docs/recipes.md has ${found.length} snippets in ${language} with: ${text}`);
}
