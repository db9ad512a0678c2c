// Endpoints that codexd does not support, and why (docs/wire/openai.md#missing-endpoints). They return 404, since SDKs would
// retry a 501, and never made-up data.
import { Failure } from '../../failure.ts';

const records = 'the upstream stores nothing between requests';

/** Reasons by path, which includes all paths below it. */
export const unsupportedEndpoints: Readonly<Record<string, string>> = {
  '/v1/embeddings': 'a ChatGPT login has no embedding model',
  '/v1/moderations': 'a ChatGPT login has no moderation model',
  '/v1/audio/speech': 'a ChatGPT login has no text-to-speech model',
  '/v1/audio/voices': 'a ChatGPT login has no text-to-speech model',
  '/v1/images/variations':
    'only dall-e-2, which is retired, supported variations; use `/v1/images/edits` to change an image',
  '/v1/files': `${records}; send files in the request`,
  '/v1/uploads': `${records}; send files in the request`,
  '/v1/batches': 'a ChatGPT login does not support batches; send the requests one by one',
  '/v1/vector_stores': records,
  '/v1/fine_tuning': 'a ChatGPT login cannot train models',
  '/v1/assistants': `${records}; send the whole conversation to \`/v1/responses\``,
  '/v1/threads': `${records}; send the whole conversation to \`/v1/responses\``,
  '/v1/conversations': `${records}; \`/v1/responses\` continues a conversation by \`previous_response_id\``,
  '/v1/containers': 'a ChatGPT login cannot run code',
  '/v1/evals': 'a ChatGPT login cannot run evaluations',
  '/v1/skills': records,
  '/v1/videos': 'a ChatGPT login cannot generate videos',
  '/v1/realtime': 'a ChatGPT login does not support realtime sessions',
  '/v1/organization': 'the login is an account of a single person, not of an organization',
};

/** For a path that exists for POST: the list of stored responses, and all paths below. */
export const storedResponses = {
  '/v1/chat/completions': `${records}, so completions cannot be listed; \`/v1/responses/{id}\` shows those with \`store\``,
} as const;

export function unsupportedEndpoint(path: string, why: string): Failure {
  return new Failure('not_found', `codexd does not serve ${path}: ${why}.`, { code: 'unsupported_endpoint' });
}
