// How to install each engine, by platform.

type Hint = { darwin: string; linux: string; win32: string };

const uv = (what: string): Hint => ({
  darwin: `uv tool install ${what}`,
  linux: `uv tool install ${what}`,
  win32: `uv tool install ${what}`,
});
const onlyMac = (how: string): Hint => {
  const elsewhere = `${how} (on a Mac with Apple silicon)`;
  return { darwin: how, linux: elsewhere, win32: elsewhere };
};
const whisperCpp: Hint = {
  darwin: 'brew install whisper-cpp',
  linux: "brew install whisper-cpp, or your distribution's whisper.cpp package",
  win32: 'unpack a release of github.com/ggml-org/whisper.cpp and put it on PATH',
};
const table = (keys: string): Hint => {
  const how = `add a table [[transcription.engines]] with ${keys} to config.toml`;
  return { darwin: how, linux: how, win32: how };
};

const hints: Readonly<Record<string, Hint>> = {
  'whisper-cpp': whisperCpp,
  'whisper-server': whisperCpp,
  'faster-whisper': uv('whisper-ctranslate2'),
  whisper: uv('openai-whisper'),
  'mlx-whisper': onlyMac('uv tool install mlx-whisper'),
  'parakeet-mlx': onlyMac('uv tool install parakeet-mlx'),
  'lightning-whisper-mlx': onlyMac('pip install lightning-whisper-mlx'),
  'kyutai-mlx': onlyMac('pip install moshi-mlx'),
  pocketsphinx: {
    darwin: 'brew install cmu-pocketsphinx',
    linux: 'apt install pocketsphinx pocketsphinx-en-us',
    win32: 'build github.com/cmusphinx/pocketsphinx and put it on PATH',
  },
  'sherpa-onnx': {
    darwin: 'unpack a release of github.com/k2-fsa/sherpa-onnx and put its bin on PATH',
    linux: 'unpack a release of github.com/k2-fsa/sherpa-onnx and put its bin on PATH',
    win32: 'unpack a release of github.com/k2-fsa/sherpa-onnx and put its bin on PATH',
  },
  ffmpeg: {
    darwin: 'brew install ffmpeg',
    linux: 'apt install ffmpeg',
    win32: 'winget install ffmpeg',
  },
  openai: table('`kind = "openai"`, `url` and, if needed, `api_key_env`'),
  command: table('`kind = "command"`, `argv` and `output`'),
};

export function installHint(what: string, platform: string): string {
  const hint = hints[what]!;
  return platform === 'darwin' || platform === 'win32' ? hint[platform] : hint.linux;
}
