import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { ConfigHost } from './read/host.ts';

/** What the loader asks of the machine. */
const questions = ['readFile', 'namesIn', 'exists', 'modeOf', 'env'] as const;
type Question = (typeof questions)[number];

/** One question with its answer: a value, or the code of the error. */
interface Asked {
  readonly question: Question;
  readonly about: string;
  readonly answer: Answer;
}

type Answer = { readonly value?: unknown } | { readonly code: string };

/** A question with the SHA-256 of its answer: of secrets it tells no more than whether they have changed. */
export interface AskedDigest {
  readonly question: Question;
  readonly about: string;
  readonly digest: string;
}

/** All that a configuration was made of (files, includes, secrets), to be kept and loaded again. */
export interface ConfigSources {
  /** 16 hex digits; the same for the same sources. */
  readonly id: string;
  /** Compressed; with every secret in clear. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly asked: readonly AskedDigest[];
}

/** A host that answers as `host` does, and what it was asked. */
export class RecordingHost implements ConfigHost {
  private readonly host: ConfigHost;
  private readonly asked = new Map<string, Asked>();

  constructor(host: ConfigHost) {
    this.host = host;
  }

  readFile(path: string): string {
    return this.ask('readFile', path);
  }

  namesIn(folder: string): readonly string[] {
    return this.ask('namesIn', folder);
  }

  exists(path: string): boolean {
    return this.ask('exists', path);
  }

  modeOf(path: string): number | undefined {
    return this.ask('modeOf', path);
  }

  env(name: string): string | undefined {
    return this.ask('env', name);
  }

  sources(): ConfigSources {
    const asked = [...this.asked.values()];
    const text = JSON.stringify(asked);
    // Who may read a file is no part of what it says.
    const meaning = JSON.stringify(asked.filter(({ question }) => question !== 'modeOf'));
    const bytes = new Uint8Array(gzipSync(text));
    return { id: sha256(meaning).slice(0, 16), bytes, asked: asked.map(digestOf) };
  }

  private ask<Q extends Question>(question: Q, about: string): ReturnType<ConfigHost[Q]> {
    const key = `${question} ${about}`;
    try {
      const value = this.host[question](about) as ReturnType<ConfigHost[Q]>;
      this.asked.set(key, { question, about, answer: { value } });
      return value;
    } catch (error) {
      this.asked.set(key, { question, about, answer: { code: codeOf(error) } });
      throw error;
    }
  }
}

/** Returns the host that answers as was recorded; what was not asked then is not there. Throws for other bytes. */
export function recordedHost(bytes: Uint8Array): ConfigHost {
  const rows: unknown = JSON.parse(gunzipSync(bytes).toString('utf8'));
  if (!Array.isArray(rows)) throw new Error('not the sources of a configuration');
  const known = new Map(
    rows.map(({ question, about, answer }: Asked) => [`${question} ${about}`, answer]),
  );
  const answerTo = (question: Question, about: string, otherwise: Answer): unknown => {
    const answer = known.get(`${question} ${about}`) ?? otherwise;
    if ('code' in answer) throw Object.assign(new Error(answer.code), { code: answer.code });
    return answer.value;
  };
  const absent = { code: 'ENOENT' };
  return {
    readFile: (path) => answerTo('readFile', path, absent) as string,
    namesIn: (folder) => answerTo('namesIn', folder, absent) as string[],
    exists: (path) => answerTo('exists', path, { value: false }) as boolean,
    modeOf: (path) => answerTo('modeOf', path, {}) as number | undefined,
    env: (name) => answerTo('env', name, {}) as string | undefined,
  };
}

/** Returns the SHA-256 of what the host answers now. */
export function askedNow(host: ConfigHost, question: Question, about: string): string {
  try {
    return digestOf({ question, about, answer: { value: host[question](about) } }).digest;
  } catch (error) {
    return digestOf({ question, about, answer: { code: codeOf(error) } }).digest;
  }
}

function digestOf({ question, about, answer }: Asked): AskedDigest {
  return { question, about, digest: sha256(JSON.stringify(answer)) };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}
