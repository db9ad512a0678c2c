// How hard a model shall think: what was asked, brought to what the model can.
import { Failure } from '../failure.ts';
import type { Model } from './model.ts';

const ladder = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max', 'ultra'];

export interface ClampedEffort {
  effort: string;
  /** Why it is not what was asked, in one sentence. */
  clamped?: string;
}

/**
 * The asked effort if the model lists it, else the next lower one it lists, else its lowest. `ultra` is Codex's own word:
 * it sends the effort that the catalogue names for several agents, and `max` where there is none.
 */
export function clampEffort(
  asked: string,
  model: Pick<Model, 'slug' | 'efforts'> & { multiAgentEffort?: string | undefined },
  param = 'reasoning_effort',
): ClampedEffort {
  if (asked === 'ultra' && model.multiAgentEffort !== undefined && model.efforts.includes(asked)) {
    return { effort: model.multiAgentEffort };
  }
  const rung = ladder.indexOf(asked);
  if (rung < 0 && model.efforts.includes(asked)) return { effort: asked }; // newer than this list
  if (rung < 0) {
    throw new Failure('invalid_request', `There is no reasoning effort "${asked}".`, {
      code: 'unsupported_value',
      param,
      advice: `Use one of ${model.efforts.join(', ') || ladder.join(', ')}.`,
    });
  }
  // `ultra` is the client's word: on the wire it is `max`.
  const listed = model.efforts.filter((effort) => ladder.includes(effort)).map(onWire);
  const wanted = onWire(asked);
  if (listed.length === 0 || listed.includes(wanted)) return { effort: wanted };
  const lower = listed.findLast((effort) => ladder.indexOf(effort) < rung);
  const effort = lower ?? listed[0]!;
  return { effort, clamped: `${model.slug} has no effort "${asked}"; "${effort}" is its nearest.` };
}

function onWire(effort: string): string {
  return effort === 'ultra' ? 'max' : effort;
}
