// The Python scripts for two packages without a command line, run by the installed Python with imitations of the
// packages.
import { describe, expect, test } from 'bun:test';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { engineWith, failureOf, jobFor, shell, temporaryDirectory } from './support.ts';

const python = Bun.which('python3');
if (python === null)
  console.log('skipped: the Python that drives lightning-whisper-mlx and kyutai-mlx (no python3)');

/** The directory of programs, and packages as `path: code`. */
function machine(packages: Record<string, string>) {
  const dir = temporaryDirectory();
  for (const [path, code] of Object.entries(packages)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), code);
  }
  shell(dir, 'python3', `exec '${python}' "$@"`);
  shell(dir, 'ffmpeg', 'exit 1');
  return { bin: dir, platform: 'darwin', env: { PYTHONPATH: dir, PYTHONDONTWRITEBYTECODE: '1' } };
}

const lightning = (body: string) => ({
  'lightning_whisper_mlx/__init__.py': '',
  'lightning_whisper_mlx/transcribe.py': body,
  'huggingface_hub.py': `
def hf_hub_download(repo_id, filename):
    return "/cache/" + repo_id + "/" + filename
`,
});

describe.skipIf(python === null)('lightning-whisper-mlx', () => {
  const kind = { id: 'lightning-whisper-mlx', kind: 'lightning-whisper-mlx' } as const;

  test('frames become seconds, whatever the package prints', async () => {
    const engine = engineWith(
      kind,
      machine(
        lightning(`
class Number:
    def __float__(self): return 150.0
def transcribe_audio(audio, *, path_or_hf_repo, batch_size, **options):
    print("{progress}")
    return {"text": " Grüß " + path_or_hf_repo + str(options), "language": "de", "segments": [[0, 150, " Grüß"], [Number(), 250, " dich"], "?"]}
`),
      ),
    );
    const result = await engine.transcribe(
      jobFor(engine, { model: 'lightning-whisper-tiny', language: 'de' }),
    );
    expect(result).toEqual({
      text: " Grüß mlx-community/whisper-tiny{'language': 'de'}",
      language: 'de',
      segments: [
        { start: 0, end: 1.5, text: ' Grüß' },
        { start: 1.5, end: 2.5, text: ' dich' },
      ],
    });
  });

  test('a distilled model is a folder of one repository; other versions name their segments', async () => {
    const engine = engineWith(
      kind,
      machine(
        lightning(`
def transcribe_audio(audio, path_or_hf_repo, batch_size):
    return {"text": path_or_hf_repo, "segments": [{"start": 1, "end": 2.5, "text": "a"}]}
`),
      ),
    );
    expect(await engine.transcribe(jobFor(engine))).toEqual({
      text: '/cache/mustafaaljadery/distil-whisper-mlx/mlx_models/distil-large-v3',
      segments: [{ start: 1, end: 2.5, text: 'a' }],
    });
  });

  test('an exception is told by its last line', async () => {
    const engine = engineWith(
      kind,
      machine(lightning('def transcribe_audio(*a, **b): raise RuntimeError("no Metal here")')),
    );
    expect(await failureOf(engine.transcribe(jobFor(engine)))).toMatchObject({
      code: 'engine_failed',
      message: expect.stringMatching(/RuntimeError: no Metal here$/),
    });
  });

  test('ready only when it can be imported', async () => {
    expect(await engineWith(kind, machine(lightning(''))).probe()).toMatchObject({ ready: true });
    expect(await engineWith(kind, machine({})).probe()).toEqual({
      ready: false,
      why: "it does not start: No module named 'lightning_whisper_mlx'",
      fix: 'pip install lightning-whisper-mlx',
    });
  });
});

describe.skipIf(python === null)('kyutai-mlx', () => {
  const kind = { id: 'kyutai-mlx', kind: 'kyutai-mlx' } as const;
  const packages = {
    'moshi_mlx/__init__.py': '',
    'moshi_mlx/run_inference.py': `
import argparse
def log(level, text):
    print(level + " " + text)
def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--hf-repo")
    parser.add_argument("--temp", type=float)
    parser.add_argument("infile")
    args = parser.parse_args()
    print({"dim": 2048})
    log("info", "loading " + args.infile)
    for piece in [" Hel", "lo", " you", " " + args.hf_repo + str(args.temp)]:
        print(piece, end="", flush=True)
    print()
    log("info", "steps: 3")
`,
  };

  test('the text is what its program prints without a line end', async () => {
    const engine = engineWith(kind, machine(packages));
    expect(await engine.transcribe(jobFor(engine))).toEqual({
      text: ' Hello you kyutai/stt-2.6b-en-mlx0.0',
      language: 'en',
    });
    const other = await engine.transcribe(jobFor(engine, { model: 'kyutai/stt-1b-en_fr-mlx' }));
    expect(other.language).toBeUndefined();
  });

  test('ready only when it can be imported', async () => {
    expect(await engineWith(kind, machine(packages)).probe()).toMatchObject({ ready: true });
    expect(await engineWith(kind, machine({})).probe()).toMatchObject({ ready: false });
  });
});
