// Wire shapes of POST /v1/completions (https://platform.openai.com/docs/api-reference/completions), and
// what its answers must remember of the request.
import type { Translation } from '../../../responses/translator.ts';
import type { ChatUsage, FinishReason } from '../chat/types.ts';

export interface CompletionTranslation extends Translation {
  includeUsage: boolean;
  stop: string[];
  keepalive: 'comment' | 'chunk';
  /** The prompt when the answer shall begin with it (`echo`), else empty. */
  echo: string;
}

export interface Completion {
  id: string;
  object: 'text_completion';
  created: number;
  model: string;
  choices: [{ index: 0; text: string; logprobs: null; finish_reason: FinishReason }];
  usage?: ChatUsage;
}
