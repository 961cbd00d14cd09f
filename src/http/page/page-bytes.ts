import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

/** The bytes of a page, shared by all clients that are sent it. */
export class PageBytes {
  readonly plain: Buffer;
  private compressing: Promise<Buffer> | undefined;

  constructor(text: string) {
    this.plain = Buffer.from(text);
  }

  /** Compresses the page when the first client takes it so, off the thread that does BGP. */
  compressed(): Promise<Buffer> {
    return (this.compressing ??= compress(this.plain));
  }
}

const compress = promisify<Buffer, Buffer>(gzip);
