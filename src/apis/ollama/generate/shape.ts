// The fields of /api/generate that contain the answer, in a line and in a whole response (docs/wire/ollama.md#generate). No tools.
import type { Shape } from '../lines.ts';

export const generateShape: Shape = {
  content: (json) => `"response":${json}`,
  thinking: (json) => `"response":"","thinking":${json}`,
  calls: () => '"response":""',
  whole: ({ content, thinking }) => ({ response: content, ...(thinking === '' ? {} : { thinking }) }),
};
