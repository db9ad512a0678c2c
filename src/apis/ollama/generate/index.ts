// POST /api/generate (docs/wire/ollama.md#generate, #streaming).
import { ollamaDialect } from '../translator.ts';
import type { Clock } from '../types.ts';
import { translateGenerateRequest } from './request.ts';
import { generateShape } from './shape.ts';

export function generateDialect(nowMs: Clock) {
  return ollamaDialect('ollama-generate', generateShape, translateGenerateRequest, nowMs);
}

export const ollamaGenerate = generateDialect(Date.now);
