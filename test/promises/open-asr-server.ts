// https://github.com/codyw912/open-asr-server: the OpenAI transcription API with local speech engines.
import type { Project } from './project.ts';

export const openAsrServer: Project = {
  name: 'open-asr-server',
  installs: [
    { was: '`uv tool install "open-asr-server"`', now: '[Install](../../README.md#install)' },
    { was: '`uv tool install "open-asr-server[parakeet]"`', now: '`uv tool install parakeet-mlx`' },
    { was: '`uv tool install "open-asr-server[whisper]"`', now: '`uv tool install mlx-whisper`' },
    {
      was: '`uv tool install "open-asr-server[lightning-whisper]"`',
      now: '`pip install lightning-whisper-mlx`',
    },
    { was: '`uv tool install "open-asr-server[kyutai-mlx]"`', now: '`pip install moshi-mlx`' },
    {
      was: '`uv tool install "open-asr-server[faster-whisper]"`',
      now: '`uv tool install whisper-ctranslate2`',
    },
    { was: '`uv tool install "open-asr-server[whisper-cpp]"`', now: '`brew install whisper-cpp`' },
  ],
  commands: [
    {
      was: 'uv tool run open-asr-server serve --host 127.0.0.1 --port 8000',
      now: 'codexd serve --host 127.0.0.1 --port 8000',
    },
  ],
  variables: [
    {
      name: 'OPEN_ASR_SERVER_DEFAULT_MODEL',
      value: 'whisper-large-v3-turbo',
      sets: 'transcription.model',
      to: 'whisper-large-v3-turbo',
    },
    {
      name: 'OPEN_ASR_DEFAULT_BACKEND',
      value: 'whisper-mlx',
      sets: 'transcription.engine',
      to: 'mlx-whisper',
    },
    {
      name: 'OPEN_ASR_SERVER_PRELOAD',
      value: 'tiny,base',
      sets: 'transcription.preload',
      to: ['tiny', 'base'],
    },
    { name: 'OPEN_ASR_SERVER_API_KEY', value: 'some-shared-key', sets: 'server.api_key', to: 'secret' },
    {
      name: 'OPEN_ASR_SERVER_ALLOWED_MODELS',
      value: 'tiny*,base',
      sets: 'transcription.allowed',
      to: ['tiny*', 'base'],
    },
    { name: 'OPEN_ASR_SERVER_MAX_UPLOAD_BYTES', value: '26214400', sets: 'server.audio_limit_mb', to: 25 },
    {
      name: 'OPEN_ASR_SERVER_RATE_LIMIT_PER_MINUTE',
      value: '60',
      sets: 'server.rate_limit_per_minute',
      to: 60,
    },
    {
      name: 'OPEN_ASR_SERVER_TRANSCRIBE_TIMEOUT_SECONDS',
      value: '90',
      sets: 'transcription.engine_timeout_seconds',
      to: 90,
    },
    { name: 'OPEN_ASR_SERVER_TRANSCRIBE_WORKERS', value: '2', sets: 'transcription.workers', to: 2 },
    {
      name: 'OPEN_ASR_SERVER_MODEL_DIR',
      value: '/models',
      sets: 'transcription.model_dirs',
      to: ['/models'],
    },
    { name: 'OPEN_ASR_SERVER_HF_TOKEN', value: 'hf_x', sets: 'transcription.hf_token', to: 'secret' },
  ],
  flags: ['--host', '--port'],
  routes: [
    { was: 'POST /v1/audio/transcriptions' },
    { was: 'GET /v1/models' },
    { was: 'GET /v1/models/metadata' },
  ],
  models: [
    ...['mlx-community/parakeet-tdt-0.6b-v3', 'parakeet-tdt-0.6b-v2', 'whisper-large-v3-turbo'],
    ...[
      'mlx-community/whisper-large-v3-turbo',
      'lightning-whisper-distil-large-v3',
      'kyutai/stt-1b-en_fr-mlx',
    ],
    ...['openai/whisper-small', 'distil-whisper/distil-large-v3', 'tiny', 'base', 'small', 'medium', 'large'],
  ],
  differently: [
    { was: 'port 8000', now: '`--port 8000`' },
    {
      was: 'Parakeet MLX transcribes by default',
      now: '`OPEN_ASR_SERVER_DEFAULT_MODEL=mlx-community/parakeet-tdt-0.6b-v3`; without it, ChatGPT does',
    },
    {
      was: 'uploads of up to 25 MiB',
      now: '`OPEN_ASR_SERVER_MAX_UPLOAD_BYTES=26214400`; the default is 50 MiB',
    },
    {
      was: '`GET /v1/models` lists the models of an engine',
      now: 'it does when `transcription.engine`, `model` or `preload` is set, as by the variables above; else `GET /v1/models?task=automatic-speech-recognition`, because clients offer the plain list for chats',
    },
    {
      was: 'engines come as extras of the package',
      now: 'install the engine itself; `codexd models --engines` says what is missing',
    },
  ],
};
