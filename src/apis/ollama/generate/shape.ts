// Where the answer stands in a line and a whole answer of /api/generate (docs/wire/ollama.md#generate). There are no tools here.
import type { Shape } from '../lines.ts';

export const generateShape: Shape = {
  content: (json) => `"response":${json}`,
  thinking: (json) => `"response":"","thinking":${json}`,
  calls: () => '"response":""',
  whole: ({ content, thinking }) => ({ response: content, ...(thinking === '' ? {} : { thinking }) }),
};
