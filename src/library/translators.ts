// The translators of all endpoints that run a turn, for programs that read the upstream's events themselves. They need
// neither network nor files, so they run on Bun, on Node and in browsers.
import { anthropicMessages, type MessagesTranslation } from '../apis/anthropic/messages/index.ts';
import type { Message } from '../apis/anthropic/messages/types.ts';
import { ollamaChat } from '../apis/ollama/chat/index.ts';
import { ollamaGenerate } from '../apis/ollama/generate/index.ts';
import type { OllamaTranslation } from '../apis/ollama/types.ts';
import { type ChatTranslation, openaiChat } from '../apis/openai/chat/index.ts';
import type { ChatCompletion } from '../apis/openai/chat/types.ts';
import { openaiCompletions } from '../apis/openai/completions/index.ts';
import type { Completion, CompletionTranslation } from '../apis/openai/completions/types.ts';
import { openaiResponses } from '../apis/openai/responses/index.ts';
import type { ResponsesTranslation } from '../apis/openai/responses/types.ts';
import type { Failure } from '../failure.ts';
import type { ModelNaming } from '../models/aliases.ts';
import type { ResponsesResponse } from '../responses/response.ts';
import type { FailureResponse, RequestContext, Translation, Translator } from '../responses/translator.ts';
import { StreamTranslation } from './stream-translation.ts';

/** What a translation may depend on besides the body. */
export interface TranslateOptions {
  /** The client's HTTP headers: some APIs have options there, such as `anthropic-beta`. */
  headers?: Headers | Record<string, string>;
  /** How reasoning is shown in chat completions; default `reasoning_content`. */
  reasoningStyle?: RequestContext['reasoningStyle'];
  /** Summaries to request if the body does not say: `auto` (default) or `none`. */
  reasoningSummary?: string;
}

/** Translates one endpoint of a client API to a Responses request, and the upstream's events back. */
export class ApiTranslator<T extends Translation = Translation, Whole = unknown> {
  /** @internal */
  constructor(
    /** @internal */
    readonly translator: Translator<T>,
    /** @internal */
    readonly naming: ModelNaming,
  ) {}

  /** E.g. `openai-chat`. */
  get name(): string {
    return this.translator.name;
  }

  /** The content type of the endpoint's streams. */
  get contentType(): string {
    return this.translator.contentType;
  }

  /**
   * Translates a request body. `request` in the result is the Responses request, `dropped` lists what the upstream does not
   * support, each with the reason. Throws a Failure of kind `invalid_request` whose `param` names the field at fault.
   */
  request(body: unknown, options: TranslateOptions = {}): T {
    return this.translator.request(body, contextOf(options));
  }

  /** Translates the upstream's event stream, chunk by chunk, to the stream of this endpoint. */
  stream(translation: T): StreamTranslation {
    return new StreamTranslation(this.translator, translation);
  }

  /** Translates a finished response, as `collect` returns it, to the endpoint's response body. */
  whole(response: ResponsesResponse, translation: T): Whole {
    return this.translator.whole(response, translation) as Whole;
  }

  /** The failure as this API reports it: status, headers and body. */
  failure(failure: Failure): FailureResponse {
    return this.translator.failure(failure);
  }
}

function contextOf({ headers, reasoningStyle, reasoningSummary }: TranslateOptions): RequestContext {
  return {
    headers: new Headers(headers),
    reasoningStyle: reasoningStyle ?? 'reasoning_content',
    reasoningSummary: reasoningSummary ?? 'auto',
  };
}

/** By API and endpoint. `POST /v1/images/…` is missing, because the image model depends on the account. */
export const translators = {
  openai: {
    /** `POST /v1/chat/completions` */
    chat: new ApiTranslator<ChatTranslation, ChatCompletion>(openaiChat, 'strict'),
    /** `POST /v1/completions` */
    completions: new ApiTranslator<CompletionTranslation, Completion>(openaiCompletions, 'strict'),
    /** `POST /v1/responses` */
    responses: new ApiTranslator<ResponsesTranslation, ResponsesResponse>(openaiResponses, 'strict'),
  },
  anthropic: {
    /** `POST /v1/messages` */
    messages: new ApiTranslator<MessagesTranslation, Message>(anthropicMessages, 'strict'),
  },
  ollama: {
    /** `POST /api/chat` */
    chat: new ApiTranslator<OllamaTranslation, Record<string, unknown>>(ollamaChat, 'lenient'),
    /** `POST /api/generate` */
    generate: new ApiTranslator<OllamaTranslation, Record<string, unknown>>(ollamaGenerate, 'lenient'),
  },
} as const;

export { collect, StreamTranslation } from './stream-translation.ts';
