// What recordings must not contain: anything about the account. Prompts and answers are what they are for.
import { type Fields, isObject } from '../base/object.ts';

/** Headers of a response that tell nothing about the account but its limits. */
const keptHeader =
  /^(?:content-type|retry-after|openai-model|x-request-id|x-models-etag|x-reasoning-included|x-codex-(?!turn-state).+)$/;

export function scrubHeaders(headers: Headers): Record<string, string> {
  return Object.fromEntries([...headers].filter(([name]) => keptHeader.test(name)));
}

/** Fields of a request that name the client's installation and session. */
export function scrubBody(body: unknown): unknown {
  if (!isObject(body)) return body;
  const { client_metadata: _, prompt_cache_key: __, ...rest } = body as Fields;
  return rest;
}

/** Fields of events that name the account. */
const accountFields =
  /(?<="(?:safety_identifier|user|user_id|account_id|email|prompt_cache_key)"\s{0,4}:\s{0,4}")[^"\\]{1,512}(?=")/g;

/** Overwrites them in place, so that every chunk keeps its length. They may begin in one chunk and end in the next. */
export function scrubChunks(chunks: readonly Uint8Array[]): Uint8Array[] {
  const text = Buffer.concat(chunks).toString('latin1');
  const scrubbed = Buffer.from(
    text.replace(accountFields, (value) => 'x'.repeat(value.length)),
    'latin1',
  );
  let at = 0;
  return chunks.map(({ length }) => {
    at += length;
    return scrubbed.subarray(at - length, at);
  });
}

/** JWTs, refresh tokens, personal access tokens and API keys; not within another word, but after an escaped line end. */
const tokens =
  /(?:(?<![\w-])|(?<=\\[nrt]))(?:eyJ[\w-]{8,4096}\.eyJ[\w-]{8,4096}\.|at-(?=[A-Za-z]{0,64}\d)\w{20,}|(?:rt\.\d\.|rt_|ois1\.|sk-|cdx_)(?=[A-Za-z.-]{0,64}\d)[\w.-]{20,})/;

const deltas = /"delta"\s{0,4}:\s{0,4}"((?:[^"\\]|\\.)*)"/g;

/** Whether the text contains a token, whole or spelled out by the deltas of a stream. */
export function containsToken(text: string, isSecret: (text: string) => boolean): boolean {
  const spelled = Array.from(text.matchAll(deltas), ([, delta]) => delta).join('');
  return [text, spelled].some((each) => tokens.test(each) || isSecret(each));
}
