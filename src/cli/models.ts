// `codexd models`: what the account may use, as the catalogue tells it (product.md 3).
import type { Engine } from '../audio/engines/engine.ts';
import { defaultModel, namingOf, offered } from '../models/aliases.ts';
import type { Catalog } from '../models/catalog.ts';
import type { Model } from '../models/model.ts';
import { columns } from './columns.ts';
import { type Command, command } from './command.ts';
import { enginesJson, enginesText, surveyEngines } from './engines.ts';
import { openSession, type Session } from './session.ts';

/** `openCatalog` knows how to ask the upstream with the session's login, `openEngines` the engines of speech. */
export function modelsCommand(
  openCatalog: (session: Session) => Catalog,
  openEngines: (session: Session) => readonly Engine[] | Promise<readonly Engine[]>,
): Command {
  return command({
    args: {
      refresh: { type: 'boolean', description: 'Ask the upstream now, whatever is kept from before.' },
      engines: {
        type: 'boolean',
        description:
          'The engines of speech instead: which are ready, what the others lack, what each can do.',
      },
    },
    settings: ['upstream', 'auth'],
    examples: ['codexd models', 'codexd models --engines'],
    run: async (call) => {
      const session = await openSession(call);
      if (call.args.engines) {
        const known = await surveyEngines(await openEngines(session), session.config.transcription.engine);
        call.terminal.stdout.write(
          call.json ? `${JSON.stringify(enginesJson(known))}\n` : enginesText(known),
        );
        return;
      }
      const catalog = openCatalog(session);
      const { models, origin } = await (call.args.refresh ? catalog.refresh() : catalog.models());
      const naming = namingOf(session.config.models, models);
      const rows = offered(naming);
      const usual = rows.length > 0 ? defaultModel(naming) : undefined;
      const { stdout, stderr } = call.terminal;
      if (call.json) stdout.write(`${JSON.stringify(rows.map((model) => facts(model, model === usual)))}\n`);
      else stdout.write(table(rows, usual));
      if (origin === 'bundle')
        stderr.write('The upstream could not be asked; this is the list codexd came with.\n');
    },
  });
}

function facts(model: Model, isDefault: boolean) {
  return {
    slug: model.slug,
    display_name: model.displayName,
    default: isDefault,
    context_window: model.contextWindow,
    max_context_window: model.maxContextWindow,
    efforts: model.efforts,
    default_effort: model.defaultEffort ?? null,
    input_modalities: model.inputModalities,
  };
}

function table(models: readonly Model[], usual: Model | undefined): string {
  const cells = models.map((model) => [
    `${model.slug}${model === usual ? ' (default)' : ''}`,
    `${Math.round(model.contextWindow / 1000)}k`,
    model.efforts.map((effort) => (effort === model.defaultEffort ? `${effort}*` : effort)).join(' '),
    model.inputModalities.join(' '),
  ]);
  return columns([['MODEL', 'CONTEXT', 'EFFORTS (* default)', 'INPUT'], ...cells]);
}
