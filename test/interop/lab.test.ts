import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { whatIsMissing } from '../../deploy/lab/requirements.ts';

const lab = join(import.meta.dirname, '../../deploy/lab/lab');
const missing = whatIsMissing();
const reason = missing.length === 0 ? '' : ` (not run: the lab needs ${missing.join(', ')})`;
if (missing.length > 0) console.warn(`interop: the lab is not run: it needs ${missing.join(', ')}`);

describe.runIf(missing.length === 0)(`the lab${reason}`, () => {
  it('holds in its short form', { timeout: 900_000 }, async () => {
    const { stdout } = await promisify(execFile)(lab, ['check', '--short']).catch(
      (error: { stdout?: string }) => ({ stdout: error.stdout ?? String(error) }),
    );
    console.info(stdout);
    expect(stdout.split('\n').filter((line) => /^(FAIL|failed)/.test(line))).toEqual([]);
    expect(stdout).toContain('RS9');
  });
});
