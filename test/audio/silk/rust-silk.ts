// The SDK's own encoder and decoder, if installed with:   cargo install rust-silk --version 0.1.3
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodedVoice, fixture, fixtures, type Reference, rates, samplesHash, voice } from './corpus.ts';

export const rustSilk: string | null = process.env.RUST_SILK ?? Bun.which('rust-silk');
/** Its command line refuses the other two rates, the SDK does not. */
export const rustSilkRates = [8000, 12_000, 16_000, 24_000, 48_000] as const;

if (rustSilk === null) console.log('rust-silk is not installed: SILK is compared with its known output only');

function run(...argv: string[]): boolean {
  return Bun.spawnSync([rustSilk ?? 'rust-silk', ...argv, '--quiet']).success;
}

/** The output of rust-silk for a file; undefined if it refuses the file. */
export async function rustSilkHash(bytes: Uint8Array, rate: number): Promise<string | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'codexd-silk-'));
  const [input, output] = [join(folder, 'in.silk'), join(folder, 'out.pcm')];
  await Bun.write(input, bytes);
  if (!run('decode', '-i', input, '-o', output, '--sample-rate', String(rate))) return undefined;
  return samplesHash(new Int16Array(readFileSync(output).buffer));
}

export function fileHash(bytes: Uint8Array): string {
  return new Bun.CryptoHasher('sha256').update(bytes).digest('hex');
}

const kinds: Record<string, string[]> = {
  plain: [],
  fec: ['--fec', '1', '--loss', '30'],
  dtx: ['--dtx', '1'],
  'fec-dtx': ['--fec', '1', '--loss', '30', '--dtx', '1'],
};

/**
 * Rewrites the fixtures and the reference. Hashes for rates that it refuses are kept while their file is unchanged;
 * they come from a rust-silk whose is_supported_sample_rate() was extended.
 */
export async function makeReference(old: Reference): Promise<Reference> {
  const reference: Reference = {};
  const add = async (name: string, bytes: Uint8Array) => {
    const file = fileHash(bytes);
    const kept = old[name]?.file === file ? old[name].samples : {};
    const samples: Record<string, string> = {};
    for (const rate of rates) {
      const hash = (await rustSilkHash(bytes, rate)) ?? kept[rate];
      if (hash === undefined) throw new Error(`rust-silk cannot decode ${name} at ${rate} Hz`);
      samples[rate] = hash;
    }
    reference[name] = { file, samples };
  };
  const pcm = join(mkdtempSync(join(tmpdir(), 'codexd-silk-')), 'voice.pcm');
  await Bun.write(pcm, voice(24_000).buffer as ArrayBuffer);
  for (const ms of ['20', '40', '60', '80', '100']) {
    for (const [kind, options] of Object.entries(kinds)) {
      const name = `${ms}ms-${kind}.silk`;
      const to = join(fixtures, name);
      if (!run('encode', '-i', pcm, '-o', to, '--packet-ms', ms, '--bitrate', '10000', ...options)) {
        throw new Error(`rust-silk cannot encode ${name}`);
      }
      await add(name, fixture(name));
    }
  }
  for (const rate of rates) await add(`encoded at ${rate}`, await encodedVoice(rate));
  return reference;
}
