import { statSync } from 'node:fs';
import { type ConfigHost, nodeHost } from '#yaml/host.ts';
import { askedNow, type ConfigSources } from './sources.ts';

/**
 * Detects whether the files on disk differ from those that a configuration was made of. A file is read again
 * only if its size, times or inode have changed.
 */
export class FileWatch {
  private readonly host: ConfigHost;
  private readonly known = new Map<string, { readonly stamp: string; readonly digest: string }>();

  constructor(host: ConfigHost = nodeHost) {
    this.host = host;
  }

  differsFrom({ asked }: Pick<ConfigSources, 'asked'>): boolean {
    return asked.some(({ question, about, digest }) => {
      if (question === 'modeOf' || question === 'env') return false;
      const now =
        question === 'readFile' ? this.fileNow(about) : askedNow(this.host, question, about);
      return now !== digest;
    });
  }

  private fileNow(path: string): string {
    const stamp = stampOf(path);
    const known = this.known.get(path);
    if (known?.stamp === stamp) return known.digest;
    const digest = askedNow(this.host, 'readFile', path);
    this.known.set(path, { stamp, digest });
    return digest;
  }
}

function stampOf(path: string): string {
  try {
    const { size, mtimeNs, ctimeNs, ino } = statSync(path, { bigint: true });
    return `${size} ${mtimeNs} ${ctimeNs} ${ino}`;
  } catch {
    return 'missing';
  }
}
