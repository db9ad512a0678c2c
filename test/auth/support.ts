// Shared by the login tests: tokens with any claims, a scripted login server, a clock, a temporary directory.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLocks, type Locks } from '../../src/auth/lock.ts';
import type { LoginServer } from '../../src/auth/login-server.ts';

/** Part of every token in these tests; must never appear in output. */
export const marker = 'MARKEDSECRET';
export const clientId = 'app_EMoamEEZ73f0CkXaXp7hrann';
export const accountId = '1f0c2a9e-0000-4000-8000-000000000001';

export function jwt(payload: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'RS256', typ: 'JWT' })}.${part(payload)}.${marker}`;
}

/** An access token as issued live (docs/wire/upstream.md#jwt). */
export function accessToken(options: { expiresAtMs?: number; accountId?: string; n?: number } = {}): string {
  return jwt({
    'https://api.openai.com/auth': {
      chatgpt_account_id: options.accountId ?? accountId,
      chatgpt_user_id: 'user-1',
      chatgpt_plan_type: 'plus',
    },
    'https://api.openai.com/profile': { email: 'a@example.com' },
    exp: options.expiresAtMs === undefined ? undefined : options.expiresAtMs / 1000,
    n: options.n,
  });
}

export function refreshToken(n: number): string {
  return `rt.1.${marker}${n}`;
}

export interface Sent {
  url: string;
  method: string;
  headers: Record<string, string>;
  body: string;
}

export interface FakeServer extends LoginServer {
  sent: Sent[];
}

/** Responds in order; an Error stands for a network failure. */
export function fakeServer(
  ...responses: (Response | Error | ((sent: Sent) => Response | Promise<Response>))[]
): FakeServer {
  const sent: Sent[] = [];
  return {
    issuer: 'https://auth.example',
    clientId,
    originator: 'codexd',
    userAgent: 'codexd/0.1.0 (linux; x64)',
    sent,
    async fetch(url, init = {}) {
      const headers = Object.fromEntries(new Headers(init.headers).entries());
      const request = { url, method: init.method ?? 'GET', headers, body: String(init.body ?? '') };
      sent.push(request);
      const response = responses.shift();
      if (response === undefined) throw new Error(`unexpected request: ${request.method} ${url}`);
      if (response instanceof Error) throw response;
      return typeof response === 'function' ? response(request) : response;
    },
  };
}

export function refreshResponse(tokens: Record<string, unknown>): Response {
  return Response.json({ token_type: 'Bearer', oai_is: 'ois1.x', earliest_refresh_at: 1, ...tokens });
}

export function errorResponse(status: number, code: string, message = 'No.'): Response {
  return Response.json({ error: { message, type: 'invalid_request_error', param: null, code } }, { status });
}

/** A clock that advances only by sleeping or being set. */
export function fakeClock(startMs = Date.parse('2026-11-20T12:00:00Z')) {
  const clock = {
    nowMs: startMs,
    now: () => clock.nowMs,
    sleep: async (ms: number) => {
      clock.nowMs += ms;
    },
  };
  return clock;
}

/** Locks of this machine with real time: they poll every few milliseconds at most. */
export function testLocks(): Locks {
  return createLocks({
    platform: process.platform,
    now: Date.now,
    sleep: () => Bun.sleep(1),
  });
}

export function temporaryDirectory(): { path: string; [Symbol.dispose](): void } {
  const path = mkdtempSync(join(tmpdir(), 'codexd-auth-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
