// Speech models in OpenAI's model list and in the more detailed list of open-asr-server.
import type { Capabilities } from '../../../audio/engines/engine.ts';
import { withoutDirectories } from '../../../audio/paths.ts';
import { created } from '../models.ts';

/** A model that clients can request, or an engine that is not ready. */
export interface SpeechModel {
  /** The name to send as `model`, such as `whisper-cpp:base.en`; the engine's id if it is not ready. */
  id: string;
  engine: string;
  ready: boolean;
  capabilities: Capabilities;
  /** How to install the engine. */
  install: string;
  /** The problem and its fix, if the engine is not ready. */
  why?: string;
  fix?: string;
}

export function speechModelObject({ id, engine }: Pick<SpeechModel, 'id' | 'engine'>) {
  return { id, object: 'model', created, owned_by: engine };
}

/** Unknown facts are omitted. */
export function speechMetadata(model: SpeechModel) {
  const { capabilities: can, why, fix } = model;
  return {
    ...speechModelObject(model),
    backend: model.engine,
    ready: model.ready,
    capabilities: {
      transcription: true,
      translation: can.translate,
      supports_prompt: can.prompt,
      supports_word_timestamps: can.words,
      supports_segments: can.segments,
      supports_languages: can.languages,
      supports_streaming: can.streaming,
    },
    install_command: model.install || undefined,
    notes:
      why === undefined ? undefined : withoutDirectories(`${why.replace(/\.$/, '')}. ${fix ?? ''}`.trim()),
  };
}
