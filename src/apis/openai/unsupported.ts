// The endpoints an honest server does not have (docs/wire/openai.md#missing-endpoints): each is refused with the reason. With 404 and
// not 501, which SDKs would try again; and never with made-up data, which would poison what is built on it.
import { Failure } from '../../failure.ts';

const records = 'the upstream keeps nothing between requests, and codexd neither';

/** Paths, which stand for everything below them too, and why there is no such thing. */
export const unsupportedEndpoints: Readonly<Record<string, string>> = {
  '/v1/embeddings': 'the ChatGPT login has no model for embeddings',
  '/v1/moderations': 'the ChatGPT login has no moderation, and a made-up verdict would be dangerous',
  '/v1/audio/speech': 'the ChatGPT login has no text to speech',
  '/v1/audio/voices': 'the ChatGPT login has no text to speech',
  '/v1/images/variations':
    'only dall-e-2 made variations, and it is gone; `/v1/images/edits` changes an image',
  '/v1/files': `${records}; send files inside the request`,
  '/v1/uploads': `${records}; send files inside the request`,
  '/v1/batches': 'the ChatGPT login has no batches; send the requests one by one',
  '/v1/vector_stores': records,
  '/v1/fine_tuning': 'the ChatGPT login cannot train models',
  '/v1/assistants': `${records}; \`/v1/responses\` takes the whole conversation`,
  '/v1/threads': `${records}; \`/v1/responses\` takes the whole conversation`,
  '/v1/conversations': `${records}; \`/v1/responses\` takes the whole conversation`,
  '/v1/containers': 'the ChatGPT login runs no code',
  '/v1/evals': 'the ChatGPT login runs no evaluations',
  '/v1/skills': records,
  '/v1/videos': 'the ChatGPT login makes no videos',
  '/v1/realtime': 'the ChatGPT login has no realtime sessions',
  '/v1/organization': 'the login is one person’s account, not an organization’s',
};

/** Of paths that exist for POST: the list of what was answered there, and all below them. */
export const storedAnswers = {
  '/v1/chat/completions': `${records}, so there are no stored completions`,
  '/v1/responses': `${records}; \`/v1/responses\` takes the whole conversation`,
} as const;

export function unsupportedEndpoint(path: string, why: string): Failure {
  return new Failure('not_found', `codexd does not serve ${path}: ${why}.`, { code: 'unsupported_endpoint' });
}
