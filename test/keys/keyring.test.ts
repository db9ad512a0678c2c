// Keys that are added and removed while the daemon runs.
import { expect, test } from 'bun:test';
import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256 } from '../../src/base/sha256.ts';
import type { ApiKey } from '../../src/keys/api-key.ts';
import { IssuedKeys } from '../../src/keys/issued-keys.ts';
import { LiveKeyring } from '../../src/keys/keyring.ts';
import { createLog } from '../../src/log.ts';

const keyOf = (name: string): ApiKey => ({ name, sha256: sha256(`cdx_${name}`) });

/** A keyring whose configured keys are the names in a file. */
function live(names: string) {
  const directory = mkdtempSync(join(tmpdir(), 'codexd-keys-'));
  const file = join(directory, 'config.toml');
  const lines: string[] = [];
  const clock = { ms: 0 };
  const save = (text: string) => {
    writeFileSync(file, text);
    clock.ms += 1000;
  };
  save(names);
  const issued = new IssuedKeys(join(directory, 'state/issued-keys.json'), () => 5);
  const keyring = new LiveKeyring({
    configured: () => {
      const text = readFileSync(file, 'utf8');
      if (text === 'broken') throw new Error('broken');
      return text.split(' ').filter(Boolean).map(keyOf);
    },
    issued: () => issued.list(),
    files: [file, issued.path],
    log: createLog({ level: 'info', format: 'json', write: (line) => lines.push(line) }),
    nowMs: () => clock.ms,
    uptimeMs: () => clock.ms,
  });
  return { keyring, save, issued, lines, clock };
}

test('an added key is accepted, and a removed one is not, without a restart', () => {
  const { keyring, save } = live('phone');
  expect(keyring.find('cdx_phone')?.name).toBe('phone');
  save('phone laptop');
  expect(keyring.find('cdx_laptop')?.name).toBe('laptop');
  save('laptop');
  expect(keyring.find('cdx_phone')).toBeUndefined();
});

test('removing the last key does not open a daemon that required keys', () => {
  const { keyring, save } = live('phone');
  save('');
  expect([keyring.isRequired, keyring.find('cdx_phone')]).toEqual([true, undefined]);
});

test('the first key that is added is required from then on', () => {
  const { keyring, save } = live('');
  expect(keyring.isRequired).toBe(false);
  save('phone');
  expect(keyring.isRequired).toBe(true);
});

test('a configuration that cannot be read keeps the old keys, and is logged once', () => {
  const { keyring, save, lines, clock } = live('phone');
  save('broken');
  expect(keyring.find('cdx_phone')?.name).toBe('phone');
  clock.ms += 1000;
  expect(keyring.find('cdx_phone')?.name).toBe('phone');
  expect(lines.length).toBe(1);
});

test('an issued key works until it is revoked, also by another process; it does not make keys required', () => {
  const { keyring, issued, clock } = live('');
  const key = issued.issueKey({ name: 'claude', issuedTo: 'claude-code' });
  clock.ms += 1000;
  expect([keyring.find(key)?.name, keyring.isRequired]).toEqual(['claude', false]);
  expect(new IssuedKeys(issued.path, () => 6).revokeKey('claude')).toBe(true);
  clock.ms += 1000;
  expect(keyring.find(key)).toBeUndefined();
  expect(issued.revokeKey('claude')).toBe(false);
});

test('issuing a name again replaces its key; only hashes are stored, for the owner only', () => {
  const { issued } = live('');
  const first = issued.issueKey({ name: 'claude', issuedTo: 'claude-code' });
  const second = issued.issueKey({ name: 'claude', issuedTo: 'claude-code', models: ['gpt-*'] });
  const text = readFileSync(issued.path, 'utf8');
  expect(issued.list()).toEqual([
    { name: 'claude', sha256: sha256(second), models: ['gpt-*'], issuedTo: 'claude-code', issuedAtMs: 5 },
  ]);
  expect(text).not.toContain(first);
  expect(text).not.toContain(second);
  expect(statSync(issued.path).mode & 0o777).toBe(0o600);
});

test.each(['', 'no JSON', '{"keys":[{"name":"x"}]}', '[]'])(
  'a damaged file %j is an error, not an empty list',
  (text) => {
    const { issued } = live('');
    issued.issueKey({ name: 'claude', issuedTo: 'claude-code' });
    writeFileSync(issued.path, text);
    expect(() => issued.list()).toThrow('is not a valid file of issued keys');
  },
);

test('a key works as soon as it is issued, and until it expires', () => {
  const { keyring, issued, clock } = live('phone');
  keyring.find('cdx_phone');
  const key = issued.issueKey({ name: 'laptop', issuedTo: 'claude-code', expiresAtMs: clock.ms + 10 });
  expect(keyring.find(key)?.name).toBe('laptop');
  clock.ms += 10;
  expect(keyring.find(key)).toBeUndefined();
});
