// The requests of the soak, one per endpoint that streams, and how each says that its stream is over.

export interface SoakRequest {
  name: string;
  path: string;
  headers?: Record<string, string>;
  body: (prompt: string) => object;
  /** Whether the text of the stream ends as the API's clients expect: with its success or its error. */
  ending: (text: string) => 'success' | 'error' | undefined;
}

const model = 'gpt-5.5';
const messages = (content: string) => [{ role: 'user', content }];

const openai = (text: string) => {
  if (text.endsWith('data: [DONE]\n\n')) return 'success';
  return /data: \{"error":/.test(lastBlock(text)) ? 'error' : undefined;
};
const responses = (text: string) => {
  // A successful stream also ends with OpenAI's old sentinel.
  const last = lastBlock(text.replace(/\n\ndata: \[DONE\]\n\n$/, ''));
  if (/^event: response\.(completed|incomplete)$/m.test(last)) return 'success';
  return /^event: (response\.failed|error)$/m.test(last) ? 'error' : undefined;
};
const anthropic = (text: string) => {
  const last = lastBlock(text);
  if (/^event: message_stop$/m.test(last)) return 'success';
  return /^event: error$/m.test(last) ? 'error' : undefined;
};
const ollama = (text: string) => {
  const last = text.trimEnd().split('\n').at(-1) ?? '';
  if (/"done":true/.test(last)) return 'success';
  return /^\{"error":/.test(last) ? 'error' : undefined;
};

function lastBlock(text: string): string {
  return text.trimEnd().split('\n\n').at(-1) ?? '';
}

export const soakRequests: readonly SoakRequest[] = [
  {
    name: 'chat',
    path: '/v1/chat/completions',
    body: (prompt) => ({ model, stream: true, messages: messages(prompt) }),
    ending: openai,
  },
  {
    name: 'completions',
    path: '/v1/completions',
    body: (prompt) => ({ model, stream: true, prompt }),
    ending: openai,
  },
  {
    name: 'responses',
    path: '/v1/responses',
    body: (prompt) => ({ model, stream: true, input: prompt }),
    ending: responses,
  },
  {
    name: 'messages',
    path: '/v1/messages',
    headers: { 'anthropic-version': '2023-06-01' },
    body: (prompt) => ({ model, stream: true, max_tokens: 4096, messages: messages(prompt) }),
    ending: anthropic,
  },
  {
    name: 'ollama chat',
    path: '/api/chat',
    body: (prompt) => ({ model, messages: messages(prompt) }),
    ending: ollama,
  },
  {
    name: 'ollama generate',
    path: '/api/generate',
    body: (prompt) => ({ model, prompt }),
    ending: ollama,
  },
];
