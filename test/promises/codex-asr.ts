// https://github.com/Wangnov/codex-asr: transcription with a ChatGPT login, as a command and as a server.
import type { Project } from './project.ts';

export const codexAsr: Project = {
  name: 'codex-asr',
  installs: [
    {
      was: '`brew tap wangnov/tap`, `brew install codex-asr`',
      now: 'Homebrew: [Install](../../README.md#install)',
    },
    {
      was: '`codex-asr-installer.sh`, `codex-asr-installer.ps1`',
      now: '`install.sh`, `install.ps1`: [Install](../../README.md#install)',
    },
    {
      was: '`cargo install codex-asr`, `cargo binstall codex-asr`, the archives',
      now: 'the same installers, or an archive of the release',
    },
    { was: '`cargo install --path .`', now: '`./scripts/build`' },
    {
      was: '`docker pull ghcr.io/wangnov/codex-asr:latest`',
      now: '`docker build -t codexd .`, or a published image: [docker.md](../guides/docker.md)',
    },
    { was: 'tags `latest`, `main`, `sha-…`, `vX.Y.Z`, `X.Y.Z`, `X.Y`', now: 'the same' },
    { was: '`deploy/compose.public.yml` with `deploy/.env`', now: 'the same files; the old variables work' },
    { was: 'user 10001, `/usr/local/bin/rust-silk` in the image', now: 'the same' },
    { was: 'port 8788 in the container', now: '8787, or `CODEXD_LISTEN=0.0.0.0:8788`' },
  ],
  commands: [
    { was: 'codex-asr audio.wav', now: 'codexd audio.wav' },
    { was: 'codex-asr transcribe audio.wav', now: 'codexd transcribe audio.wav' },
    { was: 'codex-asr audio.wav --language zh', now: 'codexd audio.wav --language zh' },
    { was: 'codex-asr audio.wav --json', now: 'codexd audio.wav --json' },
    {
      was: 'codex-asr raw-audio --content-type audio/wav',
      now: 'codexd raw-audio --content-type audio/wav',
    },
    {
      was: 'codex-asr raw-audio --content-type audio/wav --filename voice.wav',
      now: 'codexd raw-audio --content-type audio/wav --filename voice.wav',
    },
    {
      was: 'codex-asr voice.silk --silk-decoder /path/to/rust-silk',
      now: 'codexd voice.silk --silk-decoder /path/to/rust-silk',
    },
    { was: 'codex-asr audio.wav --bearer "$TOKEN"', now: 'codexd audio.wav --bearer "$TOKEN"' },
    {
      was: 'CODEX_ASR_BEARER="$TOKEN" codex-asr audio.wav',
      now: 'CODEX_ASR_BEARER="$TOKEN" codexd audio.wav',
    },
    {
      was: 'codex-asr audio.wav --bearer "$TOKEN" --account-id acct_...',
      now: 'codexd audio.wav --bearer "$TOKEN" --account-id acct_...',
    },
    {
      was: 'codex-asr serve --api-key local_dev_key --host 127.0.0.1 --port 8788 --concurrency 16',
      now: 'codexd serve --api-key local_dev_key --host 127.0.0.1 --port 8788 --concurrency 16',
    },
    { was: 'codex-asr serve --api-key local_dev_key', now: 'codexd serve --api-key local_dev_key' },
    { was: 'codex-asr --help', now: 'codexd --help' },
    { was: 'codex-asr --version', now: 'codexd --version' },
  ],
  variables: [
    { name: 'CODEX_HOME', value: '~/.codex' },
    { name: 'CODEX_ASR_BEARER', value: 'eyJ.x.y', sets: 'auth.bearer', to: 'secret' },
    { name: 'CODEX_ASR_SERVER_KEY', value: 'local_dev_key', sets: 'server.api_key', to: 'secret' },
    {
      name: 'CODEX_ASR_PROXY',
      value: 'http://127.0.0.1:7890',
      sets: 'upstream.proxy',
      to: 'http://127.0.0.1:7890',
    },
    {
      name: 'CODEX_ASR_REQUEST_TIMEOUT_SECONDS',
      value: '200',
      sets: 'transcription.request_timeout_seconds',
      to: 200,
    },
    {
      name: 'CODEX_ASR_CONNECT_TIMEOUT_SECONDS',
      value: '9',
      sets: 'upstream.connect_timeout_seconds',
      to: 9,
    },
    { name: 'CODEX_ASR_MAX_UPLOAD_MB', value: '40', sets: 'server.audio_limit_mb', to: 40 },
    {
      name: 'CODEX_ASR_SILK_DECODER',
      value: '/usr/local/bin/rust-silk',
      sets: 'transcription.silk_decoder',
      to: '/usr/local/bin/rust-silk',
    },
  ],
  flags: [
    ...['--bearer', '--account-id', '--auth-file', '--endpoint', '--proxy', '--request-timeout-seconds'],
    ...[
      '--connect-timeout-seconds',
      '--language',
      '--content-type',
      '--filename',
      '--json',
      '--silk-decoder',
    ],
    ...['--silk-sample-rate', '--no-silk-decode', '--host', '--port', '--api-key', '--no-api-key'],
    ...['--concurrency', '--max-upload-mb'],
  ],
  routes: [
    { was: 'GET /healthz' },
    { was: 'POST /v1/audio/transcriptions' },
    { was: 'POST /audio/transcriptions' },
  ],
  models: ['whisper-1'],
  library: [
    { was: 'use codex_asr::{CodexAsrClient, TranscribeOptions}', now: "import { transcribe } from 'codexd'" },
    {
      was: 'CodexAsrClient::from_codex_home()?.transcribe_file("audio.wav", TranscribeOptions::default())?',
      now: "const result = await transcribe('audio.wav')",
    },
    { was: 'println!("{}", result.text)', now: 'console.log(result.text)' },
  ],
  differently: [
    { was: 'port 8788', now: '`--port 8788`' },
    {
      was: 'never refreshes or writes the Codex login',
      now: '`--auth-readonly`; without it, codexd refreshes the login as Codex does',
    },
    { was: 'SILK needs an external decoder', now: 'nothing: the decoder is built in' },
    {
      was: 'AAC, AIFF, CAF and raw PCM fail upstream with 500',
      now: 'nothing: codexd converts them first',
    },
    {
      was: 'empty files fail upstream with 500 `Error in ASR API`',
      now: 'nothing: codexd answers 400 and uploads nothing',
    },
  ],
};
