// SILK in a compiled binary: the wasm file and the worker are embedded and found. An engine that hashes its samples
// stands in for a real one.
import { expect, test } from 'bun:test';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeAll, fixture, repeatedFixture, samplesHash } from '../audio/silk/corpus.ts';
import { temporaryDirectory } from '../audio/wavs.ts';
import { runCodexd } from '../cli/process.ts';

const folder = temporaryDirectory();
const hashes = `[[transcription.engines]]
id = "hash"
kind = "command"
argv = ["sh", "-c", 'tail -c +45 "$1" | sha256sum', "sh", "{wav16}"]
output = { kind = "text", from = "stdout" }
`;

test.skipIf(process.platform === 'win32').each([
  ['this thread', fixture('20ms-plain.silk')],
  ['a thread of its own', repeatedFixture('20ms-plain.silk', 90)],
])(
  'codexd decodes in %s, wherever it is started',
  async (_, bytes) => {
    const clip = join(folder, 'voice.silk');
    writeFileSync(clip, bytes);
    const config = join(folder, 'config.toml');
    writeFileSync(config, hashes);
    // A file in the current directory with the worker's name is not run.
    const here = join(folder, 'elsewhere');
    mkdirSync(join(here, 'audio/silk'), { recursive: true });
    writeFileSync(join(here, 'audio/silk/worker.js'), 'throw new Error("evil")');
    const ran = await runCodexd(['transcribe', '--config', config, '--engine', 'hash', clip], { cwd: here });
    expect(ran).toEqual({
      out: `${samplesHash(decodeAll(bytes, 16_000).samples)}  -\n`,
      err: '',
      exitCode: 0,
    });
  },
  60_000,
);
