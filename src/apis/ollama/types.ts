// Wire shapes of /api/chat and /api/generate (https://github.com/ollama/ollama/blob/main/docs/api.md,
// docs/wire/ollama.md#chat, #streaming), and what their answers must remember of the request.
import type { Translation } from '../../responses/translator.ts';
import type { ToolNames } from '../tool-names.ts';

/** Milliseconds since 1970. */
export type Clock = () => number;

export interface OllamaTranslation extends Translation {
  nowMs: Clock;
  startedAtMs: number;
  /** Texts at which the answer is cut: the upstream has no such option. */
  stop: string[];
  /** False when the client does not want to read the model's thoughts (docs/wire/ollama.md#think-false). */
  showsThinking: boolean;
  toolNames: ToolNames;
  /** The request has nothing to answer: it only wants the model to be there, or to go. */
  idle?: 'load' | 'unload';
}

export type DoneReason = 'stop' | 'length' | 'load' | 'unload';

export interface ToolCall {
  id: string;
  function: { index: number; name: string; arguments: Record<string, unknown> };
}

/** What an answer tells, in either shape. */
export interface Told {
  content: string;
  thinking: string;
  calls: ToolCall[];
}

/** Nanoseconds and tokens, all whole numbers. */
export interface Numbers {
  total_duration: number;
  load_duration: number;
  prompt_eval_count: number;
  prompt_eval_duration: number;
  eval_count: number;
  eval_duration: number;
}

export type Ending = { done: true; done_reason: DoneReason } & Partial<Numbers>;
