// Where the answer is in a line, and in a whole response, of /api/chat (docs/wire/ollama.md#chat-response, #lines). `content` is
// always there and a text (docs/wire/ollama.md#content-string), `thinking` and `tool_calls` only when there are any.
import type { Shape } from '../lines.ts';

const head = '"message":{"role":"assistant","content":';

export const chatShape: Shape = {
  content: (json) => `${head}${json}}`,
  thinking: (json) => `${head}"","thinking":${json}}`,
  calls: (calls) => `${head}"","tool_calls":${JSON.stringify(calls)}}`,
  whole: ({ content, thinking, calls }) => ({
    message: {
      role: 'assistant',
      content,
      ...(thinking === '' ? {} : { thinking }),
      ...(calls.length === 0 ? {} : { tool_calls: calls }),
    },
  }),
};
