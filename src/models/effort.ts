// Maps a requested reasoning effort to one that the model supports.
import { Failure } from '../failure.ts';
import type { Model } from './model.ts';

const ladder = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max', 'ultra'];

export interface ClampedEffort {
  effort: string;
  /** Why it differs from the requested effort, in one sentence; undefined if it does not. */
  clamped?: string;
}

/**
 * The requested effort if the model lists it, else the next lower one, else the lowest. `ultra` exists in the Codex CLI only:
 * it stands for the catalogue's `multi_agent_reasoning_effort`, or `max` without one.
 */
export function clampEffort(
  requested: string,
  model: Pick<Model, 'slug' | 'efforts'> & { multiAgentEffort?: string | undefined },
  param = 'reasoning_effort',
): ClampedEffort {
  if (requested === 'ultra' && model.multiAgentEffort !== undefined && model.efforts.includes(requested)) {
    return { effort: model.multiAgentEffort };
  }
  const rung = ladder.indexOf(requested);
  if (rung < 0 && model.efforts.includes(requested)) return { effort: requested }; // newer than this list
  if (rung < 0) {
    throw new Failure('invalid_request', `"${requested}" is not a reasoning effort.`, {
      code: 'unsupported_value',
      param,
      advice: `Use one of ${model.efforts.join(', ') || ladder.join(', ')}.`,
    });
  }
  const listed = model.efforts.filter((effort) => ladder.includes(effort)).map(wireEffort);
  const wanted = wireEffort(requested);
  if (listed.length === 0 || listed.includes(wanted)) return { effort: wanted };
  const lower = listed.findLast((effort) => ladder.indexOf(effort) < rung);
  const effort = lower ?? listed[0]!;
  return { effort, clamped: `${model.slug} does not support effort "${requested}"; using "${effort}".` };
}

function wireEffort(effort: string): string {
  return effort === 'ultra' ? 'max' : effort;
}
