// The fields of /api/chat that contain the answer, in a line and in a whole response (docs/wire/ollama.md#chat-response, #lines).
// `content` is always a string (docs/wire/ollama.md#content-string); `thinking` and `tool_calls` are omitted if empty.
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
