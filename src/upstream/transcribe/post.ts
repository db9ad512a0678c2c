// Posts one recording as a form with the file and, if known, its language.
import { openForm } from '../../stream/form.ts';
import type { Fetch } from '../transport.ts';

export interface Upload {
  /** Absolute path; the file is read while it is sent. */
  path: string;
  /** The reported file name, e.g. `audio.wav`: the upstream decides by its extension how to read the bytes. */
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
  /** Aborts the upload; the promise then rejects with the signal's reason. */
  signal: AbortSignal;
  /** Time left for the upload and its response. */
  timeoutMs: number;
}

/** Sends the form and returns the response, whatever its status. Each attempt needs another call, since a form can be read once. */
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
      // Disables Bun's idle timeout of five minutes: the signal limits the time.
      ...{ timeout: false },
    });
  };
}
