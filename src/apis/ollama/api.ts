// Ollama's API (https://docs.ollama.com/api).
import { type Fields, isObject, isSet } from '../../responses/fields.ts';
import { type Api, anyMethod } from '../api.ts';
import { ollamaChat } from './chat/index.ts';
import { ollamaFailure } from './errors.ts';
import { ollamaGenerate } from './generate/index.ts';
import { apiVersion, listedModels, loadedModels } from './models.ts';
import {
  blobNotFound,
  copy,
  embed,
  greet,
  listEndpoint,
  modelEndpoint,
  notSignedIn,
  ollamaTurn,
  pageNotFound,
  pull,
  refuseStorage,
  remove,
  show,
} from './routes/endpoints.ts';

const turnSummary =
  "Ollama's API, streaming or not: tools, images, `think`, `format`, `options.stop`; other options are reported as ignored";
const lookUpSummary =
  "what Ollama's clients request before they chat: the models of your account, with context windows and capabilities";
const storeSummary =
  'pulling a model of your account succeeds; requests that need weights or a model store are refused';

export const ollama: Api = {
  name: 'ollama',
  docs: 'https://docs.ollama.com/api',
  endpoints: [
    ollamaTurn(ollamaChat, { path: '/api/chat', summary: turnSummary }),
    ollamaTurn(ollamaGenerate, { path: '/api/generate', summary: turnSummary }),
    listEndpoint({ path: '/api/tags', summary: lookUpSummary }, listedModels),
    modelEndpoint({ path: '/api/show', summary: lookUpSummary }, () => show),
    listEndpoint({ path: '/api/ps', summary: lookUpSummary }, (models, { recentModels }) =>
      loadedModels(models, ({ slug }) => recentModels.expiryMs(slug)),
    ),
    {
      path: '/api/version',
      summary: lookUpSummary,
      open: true,
      methods: ({ version }) => ({
        GET: () => Response.json({ version: apiVersion, server: `codexd ${version}` }),
      }),
    },
    modelEndpoint({ path: '/api/pull', summary: storeSummary }, () => pull),
    modelEndpoint({ path: '/api/embed', summary: storeSummary }, () => embed),
    modelEndpoint({ path: '/api/embeddings', summary: storeSummary }, () => embed),
    modelEndpoint({ path: '/api/delete', summary: storeSummary }, () => remove, 'DELETE'),
    modelEndpoint({ path: '/api/copy', summary: storeSummary }, () => copy),
    modelEndpoint({ path: '/api/push', summary: storeSummary }, () => refuseStorage),
    modelEndpoint({ path: '/api/create', summary: storeSummary }, () => refuseStorage),
    { path: '/api/blobs/:digest', methods: () => ({ GET: blobNotFound, POST: refuseStorage }) },
    { path: '/api/me', methods: () => ({ POST: notSignedIn }) },
    { path: '/api/signout', methods: () => ({ POST: notSignedIn }) },
    { path: '/api/user/keys/:key', methods: () => ({ DELETE: notSignedIn }) },
    { path: '/api/:rest', methods: () => anyMethod(pageNotFound) },
    { path: '/', open: true, methods: () => ({ GET: greet }) },
    { path: '/v1', open: true, methods: () => ({ GET: greet }) },
  ],
  failure: ollamaFailure,
  /** The User-Agent of Ollama's own clients. */
  isSpokenBy: (headers) => /^ollama\b/i.test(headers.get('user-agent') ?? ''),
  recognize,
};

function recognize(body: Fields): string | undefined {
  const has = (...names: string[]) => names.some((name) => isSet(body[name]));
  if (has('messages')) return hasOllamaFields(body) || hasOllamaMessages(body) ? '/api/chat' : undefined;
  if (!has('prompt') || has('input')) return undefined;
  const [image] = Array.isArray(body.images) ? body.images : [];
  const isGenerate =
    typeof image === 'string' || hasOllamaFields(body) || has('system', 'raw', 'template', 'context');
  return isGenerate ? '/api/generate' : undefined;
}

function hasOllamaFields({ options, keep_alive, think, format }: Fields): boolean {
  return isObject(options) || [keep_alive, think, format].some(isSet);
}

function hasOllamaMessages({ messages }: Fields): boolean {
  const all = Array.isArray(messages) ? messages.filter(isObject) : [];
  return all.some(({ images, tool_name }) => isSet(images) || isSet(tool_name));
}
