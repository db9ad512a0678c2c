// Where the answer is in a line, and in a whole response, of /api/generate (docs/wire/ollama.md#generate). There are no tools here.
import type { Shape } from '../lines.ts';

export const generateShape: Shape = {
  content: (json) => `"response":${json}`,
  thinking: (json) => `"response":"","thinking":${json}`,
  calls: () => '"response":""',
  whole: ({ content, thinking }) => ({ response: content, ...(thinking === '' ? {} : { thinking }) }),
};
