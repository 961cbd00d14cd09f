import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from '#text/code-of.ts';
import type { ShellAssets } from './shell.ts';

/** What a page loads or contains; the build puts it beside the program. */
export interface Assets extends ShellAssets {
  /** The Content-Security-Policy of each page. */
  readonly policy: string;
  /** The files by the names that pages give them. */
  readonly files: ReadonlyMap<string, { readonly type: string; readonly bytes: Buffer }>;
}

/** Reads the files once. */
export function readAssets(): Assets {
  // A daemon that runs from the sources may not have them, and a page is complete without them.
  const script = fileOf('page.client.js') ?? Buffer.alloc(0);
  const icon = fileOf('page.svg') ?? Buffer.alloc(0);
  const style = fileOf('page.css')?.toString() ?? '';
  const names = { script: named('app', script, 'js'), icon: named('icon', icon, 'svg') };
  return {
    script: `page/${names.script}`,
    icon: `page/${names.icon}`,
    style,
    policy: policyOf(style),
    files: new Map([
      [names.script, { type: 'text/javascript; charset=utf-8', bytes: script }],
      [names.icon, { type: 'image/svg+xml', bytes: icon }],
    ]),
  };
}

/** Beside the bundle, or beside the sources and in the `dist` of the checkout. */
const folders = [import.meta.dirname, join(import.meta.dirname, '../../../dist')];

function fileOf(name: string): Buffer | undefined {
  for (const folder of folders) {
    try {
      return readFileSync(join(folder, name));
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
    }
  }
  return undefined;
}

/** Returns a name that changes with the contents of the file, so that a browser may keep the file for ever. */
function named(name: string, bytes: Buffer, ending: string): string {
  const hash = createHash('sha256').update(bytes).digest('base64url').slice(0, 10);
  return `${name}-${hash}.${ending}`;
}

/**
 * Allows our own script, this one style by its hash, and requests to this server; the search form may lead to this
 * server only.
 */
function policyOf(style: string): string {
  const hash = createHash('sha256').update(style).digest('base64');
  return (
    `default-src 'none'; script-src 'self'; style-src 'sha256-${hash}'; img-src 'self'; connect-src 'self'; ` +
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
  );
}
