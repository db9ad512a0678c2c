import { describe, expect, test } from 'bun:test';
import { isCodexClient } from '../../src/responses/codex-client.ts';

describe('a Codex client', () => {
  test.each([
    { originator: 'codex_cli_rs' },
    { originator: 'codex-tui' },
    { originator: 'codex_vscode' },
    { originator: 'Codex Desktop' },
    { originator: 'Codex Web' },
    { originator: 'Codex_Exec' },
    { 'user-agent': 'codex_exec/0.169.0 (Debian 12.0.0; x86_64)' },
    { 'user-agent': 'codex-cli/0.169.0' },
    { originator: 'codex_exec', 'user-agent': 'node' },
  ])('%j', (headers) => {
    expect(isCodexClient(new Headers(headers as unknown as Record<string, string>))).toBe(true);
  });
});

describe('not a Codex client', () => {
  test.each([
    { originator: 'opencode', 'user-agent': 'codex_exec/0.169.0' },
    { originator: 'codexd' },
    { 'user-agent': 'codexd/0.1.0' },
    { originator: 'my codex_thing' },
    { 'user-agent': 'OpenAI/JS 7.55.0' },
    {},
  ])('%j', (headers) => {
    expect(isCodexClient(new Headers(headers as unknown as Record<string, string>))).toBe(false);
  });
});
