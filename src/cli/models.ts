// `codexd models`: the models of the account, from the catalogue, or the speech engines.
import type { Engine } from '../audio/engines/engine.ts';
import { defaultModel, namingOf, visibleModels } from '../models/aliases.ts';
import type { Catalog } from '../models/catalog.ts';
import type { Model } from '../models/model.ts';
import { columns } from './columns.ts';
import { type Command, command } from './command.ts';
import { enginesJson, enginesText, probeEngines } from './engines.ts';
import { createMessages } from './messages.ts';
import { openSession, type Session } from './session.ts';
import { lineWidth } from './wrap.ts';

/** The two functions create what the command lists; tests pass fakes. */
export function modelsCommand(
  openCatalog: (session: Session) => Catalog,
  openEngines: (session: Session) => readonly Engine[] | Promise<readonly Engine[]>,
): Command {
  return command({
    args: {
      refresh: { type: 'boolean', description: 'Fetch the list now instead of using the cached one.' },
      engines: {
        type: 'boolean',
        description: 'List the speech engines: what each can do, and what it needs if it is not ready.',
      },
    },
    settings: ['upstream', 'auth'],
    examples: ['codexd models', 'codexd models --engines'],
    run: async (call) => {
      const session = await openSession(call);
      if (call.args.engines) {
        const engines = await probeEngines(await openEngines(session), session.config.transcription.engine);
        call.terminal.stdout.write(
          call.json
            ? `${JSON.stringify(enginesJson(engines))}\n`
            : enginesText(engines, lineWidth(call.terminal.stdout)),
        );
        return;
      }
      const catalog = openCatalog(session);
      const { models, origin } = await (call.args.refresh ? catalog.refresh() : catalog.models());
      const naming = namingOf(session.config.models, models);
      const rows = visibleModels(naming);
      const preferred = rows.length > 0 ? defaultModel(naming) : undefined;
      const { stdout, stderr } = call.terminal;
      if (call.json)
        stdout.write(`${JSON.stringify(rows.map((model) => facts(model, model === preferred)))}\n`);
      else stdout.write(table(rows, preferred, lineWidth(stdout)));
      if (origin === 'bundle') createMessages(stderr).warn(bundled);
    },
  });
}

const bundled =
  "Could not fetch your account's models; these are codexd's built-in ones. Run `codexd status` to see why.";

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

function table(models: readonly Model[], preferred: Model | undefined, width: number): string {
  const cells = models.map((model) => [
    `${model.slug}${model === preferred ? ' (default)' : ''}`,
    `${Math.round(model.contextWindow / 1000)}k`,
    model.efforts.map((effort) => (effort === model.defaultEffort ? `${effort}*` : effort)).join(' '),
    model.inputModalities.join(' '),
  ]);
  return columns([['MODEL', 'CONTEXT', 'EFFORTS (* default)', 'INPUT'], ...cells], width);
}
