// POST /api/generate (docs/wire/ollama.md#generate, #streaming).
import { ollamaTranslator } from '../translator.ts';
import type { Clock } from '../types.ts';
import { translateGenerateRequest } from './request.ts';
import { generateShape } from './shape.ts';

export function generateTranslator(nowMs: Clock) {
  return ollamaTranslator('ollama-generate', generateShape, translateGenerateRequest, nowMs);
}

export const ollamaGenerate = generateTranslator(Date.now);
