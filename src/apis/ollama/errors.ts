// Renders a Failure in Ollama's envelope: a string in `error` (docs/wire/ollama.md#errors). Clients look for some of the words.
import { Failure } from '../../failure.ts';
import type { FailureResponse } from '../../responses/translator.ts';
import { resetNote, retryAfter, withAdvice } from '../advice.ts';

export function ollamaFailure(failure: Failure): FailureResponse {
  return { status: statusOf(failure), headers: retryAfter(failure), body: ollamaError(failure) };
}

/** The body of a failed request, or the last line of a failed stream. A string, never an object (docs/wire/ollama.md#error-string). */
export function ollamaError(failure: Failure): { error: string } {
  return { error: messageOf(failure) };
}

/** Only for a wrong API key: 401 makes clients offer to sign in at ollama.com (docs/wire/ollama.md#local-key, #no-login). */
function statusOf({ kind, status }: Failure): number {
  return status === 401 && kind !== 'bad_api_key' ? 503 : status;
}

function messageOf(failure: Failure): string {
  const text = withAdvice(failure);
  switch (failure.kind) {
    case 'bad_api_key':
      return `unauthorized: ${text}`;
    case 'login_required':
      return `codexd is not logged in; run: codexd login (${failure.message})`;
    case 'unavailable':
      return `server busy, please try again. ${text}`;
  }
  switch (failure.code) {
    case 'model_not_found':
      return notFoundMessage(failure);
    case 'missing_body':
      return 'missing request body';
    case 'context_length_exceeded':
      return overflowMessage(failure);
    default:
      return text + resetNote(failure);
  }
}

/** Clients look for "not found" and offer to pull the model. The failure's message starts with its name in backticks. */
function notFoundMessage({ message }: Failure): string {
  const name = /`([^`]*)`/.exec(message)?.[1];
  return name === undefined ? message : `model '${name}' not found`;
}

export function modelNotFound(name: string): Failure {
  return new Failure('not_found', `The model \`${name.slice(0, 100).replaceAll('`', '')}\` does not exist.`, {
    code: 'model_not_found',
    param: 'model',
  });
}

function overflowMessage({ details }: Failure): string {
  const { context_window: window } = details;
  const limit = typeof window === 'number' ? ` of ${window} tokens` : '';
  return `the input length exceeds the context length${limit}`;
}
