import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { codeOf } from '#text/code-of.ts';
import { unknownError } from '#text/file-failure.ts';
import type { ConfigHost, PathKind } from '#yaml/host.ts';

/** What the loader may ask of the machine. */
const questions = ['readFile', 'namesIn', 'exists', 'modeOf', 'env'] as const;
type Question = (typeof questions)[number];

/** One question with its answer: a value, or the code of the error. */
interface Asked {
  readonly question: Question;
  readonly about: string;
  readonly answer: Answer;
}

type Answer = { readonly value?: unknown } | { readonly code: string };

/** A question with the SHA-256 of its answer: of a secret it reveals only whether it has changed. */
export interface AskedDigest {
  readonly question: Question;
  readonly about: string;
  readonly digest: string;
}

/** Everything that a configuration was made of (files, includes, secrets), to be stored and loaded again. */
export interface ConfigSources {
  /** 16 hex digits; the same for the same sources. */
  readonly id: string;
  /** Compressed; contains every secret in clear text. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly asked: readonly AskedDigest[];
}

/** Answers as `host` does, and records what it was asked. */
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

  /** Is not recorded: what lies where the daemon writes is no part of the configuration. */
  kindOf(path: string): PathKind | undefined {
    return this.host.kindOf(path);
  }

  env(name: string): string | undefined {
    return this.ask('env', name);
  }

  sources(): ConfigSources {
    const asked = [...this.asked.values()];
    const text = JSON.stringify(asked);
    // The permission bits of a file are no part of its meaning.
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
      this.asked.set(key, { question, about, answer: { code: codeOf(error) ?? unknownError } });
      throw error;
    }
  }
}

/**
 * Returns a host that answers as recorded; what was not asked then does not exist. Throws if the bytes are not
 * a recording.
 */
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
    kindOf: () => undefined,
    env: (name) => answerTo('env', name, {}) as string | undefined,
  };
}

/** Returns the SHA-256 of the host's present answer. */
export function askedNow(host: ConfigHost, question: Question, about: string): string {
  try {
    return digestOf({ question, about, answer: { value: host[question](about) } }).digest;
  } catch (error) {
    return digestOf({ question, about, answer: { code: codeOf(error) ?? unknownError } }).digest;
  }
}

function digestOf({ question, about, answer }: Asked): AskedDigest {
  return { question, about, digest: sha256(JSON.stringify(answer)) };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
