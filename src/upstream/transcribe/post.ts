// How one recording leaves the house: a form with the file and, when known, its language.
import { openForm } from '../../stream/form.ts';
import type { Fetch } from '../transport.ts';

export interface Upload {
  /** Absolute; read from disk while it is sent. */
  path: string;
  /** What the upstream is told, e.g. `audio.wav`: its extension decides what it makes of the bytes. */
  filename: string;
  /** E.g. `audio/wav`. */
  type: string;
  /** A two-letter code. */
  language?: string;
}

export interface PostRequest {
  url: string;
  headers: Record<string, string>;
  upload: Upload;
  /** Ends the upload when aborted; the promise then rejects with its reason. */
  signal: AbortSignal;
  /** What is left of the budget. */
  timeoutMs: number;
}

/** Sends and gives the answer, whatever its status. To be called again for another attempt: a form is read once. */
export type Post = (request: PostRequest) => Promise<Response>;

export function fetchPost(fetch: Fetch): Post {
  return async ({ url, headers, upload, signal }) => {
    const { path, filename, type, language } = upload;
    const fields: [string, string][] = language === undefined ? [] : [['language', language]];
    const form = await openForm({ name: 'file', path, filename, type }, fields);
    return fetch(url, {
      method: 'POST',
      headers: { ...headers, ...form.headers },
      body: form.body,
      signal,
      // Bun's own limit on silence is five minutes; the budget is ours.
      ...{ timeout: false },
    });
  };
}
