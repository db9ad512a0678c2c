import type { Engine } from '../../src/audio/engines/engine.ts';

/** A speech engine that is ready and has no models. Says `text` for every recording. */
export function fakeEngine(id: string, more: Partial<Engine> = {}): Engine {
  return {
    id,
    models: [],
    capabilities: {
      segments: false,
      words: false,
      prompt: true,
      languages: true,
      translate: false,
      streaming: false,
    },
    accepts: { containers: new Set(['wav']) },
    concurrency: 1,
    install: '',
    probe: async () => ({ ready: true }),
    available: async () => [],
    transcribe: async () => ({ text: 'text' }),
    ...more,
  };
}
