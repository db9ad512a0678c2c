// Speech models in OpenAI's list and in the longer one of open-asr-server.
import type { Capabilities } from '../../../audio/engines/engine.ts';
import { withoutDirectories } from '../../../audio/paths.ts';
import { created } from '../models.ts';

/** What a client can ask for, or an engine that is not ready yet. */
export interface SpeechModel {
  /** A concrete name to send as `model`, such as `whisper-cpp:base.en`; the engine's where it is not ready. */
  id: string;
  engine: string;
  ready: boolean;
  capabilities: Capabilities;
  /** How to get the engine. */
  install: string;
  /** What it lacks and what would help, where it is not ready. */
  why?: string;
  fix?: string;
}

export function speechModelObject({ id, engine }: Pick<SpeechModel, 'id' | 'engine'>) {
  return { id, object: 'model', created, owned_by: engine };
}

/** Facts nobody knows are left out. */
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
