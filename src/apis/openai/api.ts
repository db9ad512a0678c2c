// OpenAI's API (https://platform.openai.com/docs/api-reference), with codex-as-api's and speaches' extensions of it.
import { type Fields, isObject, isSet } from '../../responses/fields.ts';
import { type Api, turnEndpoint } from '../api.ts';
import { openaiChat } from './chat/index.ts';
import { openaiCompletions } from './completions/index.ts';
import { openaiFailure } from './errors.ts';
import { openaiResponses } from './responses/index.ts';
import { transcribe, translate } from './routes/audio.ts';
import { compactChat, compactResponses, countInputTokens } from './routes/compaction.ts';
import { editImages, generateImages, inspectImages } from './routes/images.ts';
import { getModel, listCodexModels, listMetadata, listModels } from './routes/models.ts';
import {
  cancelResponse,
  createChatCompletion,
  createResponse,
  listInputItems,
  oneResponse,
} from './routes/responses.ts';
import { responsesSocket } from './routes/responses-socket.ts';
import { refusal, unsupported } from './routes/unsupported.ts';
import { storedResponses } from './unsupported.ts';

const chat = turnEndpoint(openaiChat, 'strict', {
  path: '/v1/chat/completions',
  summary: 'streaming or not; tools, images, structured output, reasoning, legacy functions',
});

export const openai: Api = {
  name: 'openai',
  docs: 'https://platform.openai.com/docs/api-reference',
  endpoints: [
    {
      ...chat,
      refused: ['GET'],
      methods: (services) => ({
        GET: refusal(storedResponses['/v1/chat/completions']),
        POST: createChatCompletion(services),
      }),
    },
    turnEndpoint(openaiCompletions, 'strict', {
      path: '/v1/completions',
      summary:
        'streaming or not, with `echo` and `stop`; emulated: the prompt is sent as a message with the instruction to continue it',
    }),
    {
      ...turnEndpoint(openaiResponses, 'strict', {
        path: '/v1/responses',
        aliases: ['/codex/responses', '/backend-api/codex/responses'],
        summary:
          "streaming or not; the upstream's own events, completed and in order; `previous_response_id`, `item_reference`, `store`; also over a WebSocket",
        webSocket: responsesSocket,
      }),
      methods: (services) => ({ POST: createResponse(services) }),
    },
    oneResponse,
    cancelResponse,
    listInputItems,
    compactResponses,
    countInputTokens,
    compactChat,
    generateImages,
    editImages,
    inspectImages,
    {
      path: '/v1/models',
      summary:
        "the models of your account; in Anthropic's format with `anthropic-version`, in the Codex CLI's format for the Codex CLI; with `?task=automatic-speech-recognition` the speech models that can be used, which the plain list has too when `transcription.engine`, `model` or `preload` is set",
      methods: listModels,
    },
    {
      path: '/codex/models',
      aliases: ['/backend-api/codex/models'],
      summary:
        "the models in the Codex CLI's format; turns are also served at `/codex/responses`, and both below `/backend-api`",
      methods: listCodexModels,
    },
    {
      path: '/v1/models/metadata',
      summary: 'the same list with what each model can do: input, efforts, tiers, capabilities',
      methods: listMetadata,
    },
    { path: '/v1/models/:id', summary: 'one of them, by its name', refused: ['DELETE'], methods: getModel },
    transcribe,
    translate,
    ...unsupported,
  ],
  failure: (failure) => openaiFailure(failure),
  recognize,
};

/** A body that several APIs would accept counts as OpenAI's. */
function recognize(body: Fields): string | undefined {
  const has = (...names: string[]) => names.some((name) => isSet(body[name]));
  if (has('messages')) return '/v1/chat/completions';
  if (has('input')) return '/v1/responses';
  if (!has('prompt')) return undefined;
  const isImageRequest =
    /^(openai\/)?((chat)?gpt-image-|dall-e)/.test(String(body.model)) || has(...imageFields);
  const [image] = Array.isArray(body.images) ? body.images : [];
  if (isObject(image)) return isImageRequest ? '/v1/images/edits' : '/v1/inspect';
  return isImageRequest || !has('model') ? '/v1/images/generations' : '/v1/completions';
}

const imageFields = ['size', 'quality', 'background', 'output_format', 'partial_images', 'mask'];
