// Claude Code's variables that name its models.
import type { Model } from '../../models/model.ts';

export interface NamedModel {
  /** As Claude Code sends it. */
  plainName: string;
  model: Pick<Model, 'displayName' | 'contextWindow'>;
}

/** Every alias, because they stand for ids with context windows that Claude Code knows and would use. */
export function modelVariables(main: NamedModel, small: NamedModel): Record<string, string> {
  return {
    ...alias('opus', main),
    ...alias('sonnet', main),
    ...alias('fable', main),
    ...alias('haiku', small),
    CLAUDE_CODE_SUBAGENT_MODEL: main.plainName,
  };
}

/** Points an alias to a model, with the text for `/model`. */
function alias(family: string, { plainName, model }: NamedModel): Record<string, string> {
  const variable = `ANTHROPIC_DEFAULT_${family.toUpperCase()}_MODEL`;
  return {
    [variable]: plainName,
    [`${variable}_NAME`]: model.displayName,
    [`${variable}_DESCRIPTION`]: `Alias "${family}": ${plainName}, ${Math.floor(model.contextWindow / 1000)}k context`,
  };
}
