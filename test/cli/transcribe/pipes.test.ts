// A recording from a pipe can be read only once, so it is kept if its transcription fails.
import { describe, expect, test } from 'bun:test';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type RecordingOptions, withRecording } from '../../../src/cli/transcribe/recordings.ts';
import { asFailure, Failure } from '../../../src/failure.ts';
import { codexd } from '../transcribe-support.ts';

function pipeOf(chunks: readonly string[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(Buffer.from(chunk));
      controller.close();
    },
  });
}

/** A directory of this test alone, so that its files can be counted. */
function place(
  stdin: ReadableStream<Uint8Array> | undefined,
  more: Partial<RecordingOptions> = {},
): RecordingOptions {
  return {
    openStdin: () => stdin,
    temporary: mkdtempSync(join(tmpdir(), 'codexd-pipes-')),
    limitBytes: 1000,
    signal: new AbortController().signal,
    ...more,
  };
}

async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  return promise.then(
    () => {
      throw new Error('it worked');
    },
    (thrown) => asFailure(thrown),
  );
}

/** The kept file that a failure names. */
function keptBy(failure: Failure): string {
  const [, path] = /was saved; retry with `codexd transcribe (\S+)`/.exec(failure.advice) ?? [];
  if (path === undefined) throw new Error(`nothing is kept: ${failure.advice}`);
  return path;
}

describe('a pipe', () => {
  test('is copied whole into a private file, which is gone afterwards', async () => {
    const here = place(pipeOf(['one ', 'two ', 'three']));
    const seen = await withRecording('-', here, async (path) => ({
      path,
      text: readFileSync(path, 'utf8'),
      modes: [path, dirname(path)].map((one) => (statSync(one).mode & 0o777).toString(8)),
    }));
    expect(seen).toMatchObject({ text: 'one two three', modes: ['600', '700'] });
    expect(await readdir(here.temporary)).toEqual([]);
  });

  test('is kept when the transcription failed, and the failure says where', async () => {
    const here = place(pipeOf(['one ', 'two']));
    const broken = new Failure('upstream_broke', 'It broke.', { code: 'odd', advice: 'Wait.' });
    const failure = await failureOf(withRecording('-', here, () => Promise.reject(broken)));
    expect(failure).toMatchObject({ kind: 'upstream_broke', message: 'It broke.', code: 'odd' });
    expect(failure.advice).toStartWith('Wait. The piped input was saved; retry with ');
    expect(readFileSync(keptBy(failure), 'utf8')).toBe('one two');
  });

  test('larger than the limit is read no further, and what there is is kept', async () => {
    let pulls = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        pulls++;
        controller.enqueue(new Uint8Array(400));
      },
    });
    const failure = await failureOf(withRecording('-', place(endless), async () => 'heard'));
    expect(failure).toMatchObject({ kind: 'too_large', exitCode: 1 });
    expect(statSync(keptBy(failure)).size).toBe(1200);
    expect(pulls).toBeLessThan(6);
  });

  test('that breaks is kept up to there', async () => {
    let chunks = 0;
    const broken = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (chunks++ === 0) controller.enqueue(Buffer.from('begin'));
        else controller.error(Object.assign(new Error('gone'), { code: 'EIO' }));
      },
    });
    const failure = await failureOf(withRecording('-', place(broken), async () => 'heard'));
    expect(failure.message).toBe('Cannot read the piped input (EIO).');
    expect(readFileSync(keptBy(failure), 'utf8')).toBe('begin');
  });

  test('that is empty leaves nothing', async () => {
    const here = place(pipeOf([]));
    const failure = await failureOf(withRecording('-', here, async () => 'heard'));
    expect(failure).toMatchObject({ exitCode: 1, message: 'The pipe contained no data.' });
    expect(await readdir(here.temporary)).toEqual([]);
  });

  test('is not there on a terminal', async () => {
    const failure = await failureOf(withRecording('-', place(undefined), async () => 'heard'));
    expect(failure.message).toBe('No piped input.');
  });

  test('Ctrl-C while it is still coming: what came is kept', async () => {
    const interrupted = new AbortController();
    let chunks = 0;
    const microphone = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          if (chunks++ === 0) controller.enqueue(Buffer.from('begin'));
          else interrupted.abort(new Failure('cancelled', 'Interrupted.'));
          return chunks === 1 ? undefined : new Promise(() => {});
        },
      },
      { highWaterMark: 0 },
    );
    const here = place(microphone, { signal: interrupted.signal });
    const failure = await failureOf(withRecording('-', here, async () => 'heard'));
    expect(failure).toMatchObject({ kind: 'cancelled', exitCode: 130, message: 'Interrupted.' });
    expect(readFileSync(keptBy(failure), 'utf8')).toBe('begin');
  });

  test('with a name, as the shell makes for <(…), is one too', async () => {
    const here = place(undefined);
    const fifo = join(here.temporary, 'fifo');
    Bun.spawnSync(['mkfifo', fifo]);
    const writer = Bun.spawn(['sh', '-c', 'printf "from a fifo" > "$0"', fifo]);
    const text = await withRecording(fifo, here, async (path) => readFileSync(path, 'utf8'));
    await writer.exited;
    expect(text).toBe('from a fifo');
    expect(await readdir(here.temporary)).toEqual(['fifo']);
  });

  test('that cannot be copied anywhere', async () => {
    const here = place(pipeOf(['one']), { temporary: '/dev/null' });
    const failure = await failureOf(withRecording('-', here, async () => 'heard'));
    expect(failure).toMatchObject({ exitCode: 1, code: 'no_temporary_file' });
  });
});

describe('a file is never touched', () => {
  test('it is heard where it lies, and stays when that failed', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'codexd-pipes-')), 'voice.wav');
    await Bun.write(path, 'sound');
    const here = place(undefined);
    expect(await withRecording(path, here, async (heard) => heard)).toBe(path);
    const broken = new Failure('timeout', 'Too slow.');
    expect(await failureOf(withRecording(path, here, () => Promise.reject(broken)))).toBe(broken);
    expect(readFileSync(path, 'utf8')).toBe('sound');
    expect(await readdir(here.temporary)).toEqual([]);
  });
});

describe('… | codexd transcribe -', () => {
  test('is called stdin where there are others, and can stand alone', async () => {
    let copy = '';
    const respond = ({ path }: { path: string }) => {
      copy = path;
      return readFileSync(path, 'utf8');
    };
    expect(await codexd(['-'], { stdin: 'said', respond })).toMatchObject({ exitCode: 0, out: 'said\n' });
    expect(existsSync(copy)).toBe(false);
    const { out, err } = await codexd(['transcribe', '-', '/none.wav', '--json'], { stdin: 'said', respond });
    expect(JSON.parse(out)).toEqual({ file: 'stdin', text: 'said' });
    expect(JSON.parse(err).error.file).toBe('/none.wav');
  });

  test('server.audio_limit_mb is its limit', async () => {
    const { failure } = await codexd(['-'], {
      stdin: 'x'.repeat(2 ** 20 + 1),
      env: { CODEXD_SERVER_AUDIO_LIMIT_MB: '1' },
    });
    expect(failure).toMatchObject({ kind: 'too_large', message: 'The piped input is larger than 1 MiB.' });
    rmSync(dirname(keptBy(failure!)), { recursive: true });
  });

  test('among others its failure says where it is kept', async () => {
    const { err, exitCode } = await codexd(['transcribe', '-', '/none.wav'], {
      stdin: 'said',
      respond: () => {
        throw new Failure('timeout', 'Too slow.');
      },
    });
    expect(exitCode).toBe(1);
    const [, path] = /stdin: Too slow\.\n.*`codexd transcribe (\S+)`/.exec(err)!;
    expect(readFileSync(path!, 'utf8')).toBe('said');
    rmSync(dirname(path!), { recursive: true });
  });
});
