// Reads a reasoning effort, for the several fields that can set one.
import { invalid, optionalText } from '../check.ts';

/** `turns/plan.ts` checks whether the model supports the effort. Claude Code calls its highest one `ultracode`. */
export function effortAt(value: unknown, path: string): string | undefined {
  const effort = optionalText(value, path)?.trim().toLowerCase();
  if (effort === '') throw invalid(path, 'Input should have at least 1 character');
  return effort?.startsWith('ultra') ? 'ultra' : effort;
}
