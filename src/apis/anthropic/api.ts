// Anthropic's Messages API (https://docs.claude.com/en/api/messages), made for Claude Code.
import { type Fields, isObject, isSet } from '../../responses/fields.ts';
import { type Api, turnEndpoint } from '../api.ts';
import { anthropicFailure } from './errors.ts';
import { anthropicMessages } from './messages/index.ts';
import { devicePage } from './routes/device.ts';
import { gatewayEndpoints } from './routes/gateway.ts';
import { oauthEndpoints } from './routes/oauth.ts';
import {
  claudeCode,
  compactMessages,
  countMessageTokens,
  models,
  unknownPaths,
  unsupported,
} from './routes.ts';

export const anthropic: Api = {
  name: 'anthropic',
  docs: 'https://docs.claude.com/en/api/messages',
  endpoints: [
    turnEndpoint(anthropicMessages, 'strict', {
      path: '/v1/messages',
      summary:
        "Anthropic's Messages API, streaming or not: thinking, tools, images, stop sequences, web search; made for Claude Code",
    }),
    countMessageTokens,
    compactMessages,
    ...models,
    ...claudeCode,
    ...oauthEndpoints,
    devicePage,
    ...gatewayEndpoints,
    ...unsupported,
    ...unknownPaths,
  ],
  failure: anthropicFailure,
  /** Only Anthropic's clients send this header, and they always do. */
  isSpokenBy: (headers) => headers.has('anthropic-version'),
  recognize: (body) => (isMessagesBody(body) ? '/v1/messages' : undefined),
};

const blockTypes = new Set(['tool_use', 'tool_result', 'thinking', 'image', 'document']);

function isMessagesBody({ messages, system, stop_sequences, output_config, tools }: Fields): boolean {
  if (!isSet(messages)) return false;
  if ([system, stop_sequences, output_config].some(isSet)) return true;
  if (Array.isArray(tools) && tools.some((tool) => isObject(tool) && isSet(tool.input_schema))) return true;
  const turns = Array.isArray(messages) ? messages.filter(isObject) : [];
  const blocks = turns.flatMap(({ content }) => (Array.isArray(content) ? content : []));
  return blocks.some((block) => isObject(block) && blockTypes.has(String(block.type)));
}
