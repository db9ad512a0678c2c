// The word for how hard the model should think, wherever a request says it.
import { invalid, optionalText } from '../check.ts';

/** Whether the model has the effort is judged where models are known. Claude Code says `ultracode` for its highest one. */
export function effortAt(value: unknown, path: string): string | undefined {
  const asked = optionalText(value, path)?.trim().toLowerCase();
  if (asked === '') throw invalid(path, 'Input should have at least 1 character');
  return asked?.startsWith('ultra') ? 'ultra' : asked;
}
