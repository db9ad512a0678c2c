// Renders `codexd status` as text and as JSON. Pure functions.
import type { LoginFacts, LoginOrigin } from '../auth/source.ts';
import type { Failure } from '../failure.ts';
import { spanText } from '../reset-time.ts';
import type { NamedWindow, Quota } from '../upstream/quota.ts';
import type { DaemonStatus } from './daemon-probe.ts';
import { type Definition, definitions, noBreak } from './wrap.ts';

export interface Status {
  /** Undefined if there is no login, or none that can be read. */
  login: LoginFacts | undefined;
  /** Why the login does not work. */
  problem: Failure | undefined;
  quotas: Quota[];
  /** Why the quota is unknown although the login works. */
  quotaProblem: Failure | undefined;
  daemons: DaemonStatus[];
}

export interface Style {
  nowMs: number;
  color: boolean;
  /** Maximum columns per line. */
  width: number;
  timeZone?: string;
}

const origins: Record<LoginOrigin, string> = {
  bearer: 'the token in --bearer or CODEXD_BEARER',
  environment: 'OPENAI_CODEX_AUTH or the credential auth.auth_json',
  'auth-file': 'the file in --auth-file',
  own: "codexd's own login",
  codex: "the Codex CLI's login",
};

export function statusText(status: Status, style: Style): string {
  const { login, problem, quotas, quotaProblem, daemons } = status;
  const rows: Definition[] = [
    ...(login ? loginRows(login, style) : []),
    ...(problem ? [['Login', `${problem.message} ${problem.advice}`] satisfies Definition] : []),
    ...quotas.flatMap((quota) => quotaRows(quota, style)),
    ...(quotaProblem ? [['Quota', `unknown: ${quotaProblem.message}`] satisfies Definition] : []),
    ...daemons.map(
      ({ address, listening }): Definition => [
        'Daemon',
        `${listening ? 'listening' : 'not listening'} on ${urlOf(address)}`,
      ],
    ),
  ];
  return definitions(rows, style.width);
}

function loginRows(
  { email, accountId, plan, origin, path, expiresAtMs, refreshable }: LoginFacts,
  style: Style,
): Definition[] {
  const rows: Definition[] = [
    ['Account', [email, accountId].filter(Boolean).join(', ') || 'unnamed'],
    ['Plan', plan ?? 'unknown'],
    ['Source', path ? `${origins[origin]}, ${path}` : origins[origin]],
  ];
  if (expiresAtMs !== undefined) {
    const at = timeText(expiresAtMs, style);
    const how = refreshable ? 'refreshed automatically' : 'not refreshed by codexd';
    // A refresh has just been tried; if it failed, the problem says why.
    const text =
      expiresAtMs <= style.nowMs
        ? `expired (${at})`
        : `in ${spanText(expiresAtMs - style.nowMs)} (${at}), ${how}`;
    rows.push(['Expires', text]);
  }
  return rows;
}

function quotaRows({ limit, name, windows, reached }: Quota, style: Style): Definition[] {
  const of = limit === 'codex' ? '' : ` ${name ?? limit}`;
  const rows = windows.map((window): Definition => [capital(window.label) + of, windowText(window, style)]);
  if (reached) rows.push([`Limit${of}`, reached.replaceAll('_', ' ')]);
  return rows;
}

function windowText({ usedPercent, resetsAtMs }: NamedWindow, style: Style): string {
  const used = keepTogether(`${String(Math.round(usedPercent)).padStart(3)} % used`);
  const text = `${bar(usedPercent, style.color, style.width < 60 ? 10 : 20)} ${used}`;
  if (resetsAtMs === undefined) return text;
  const left = Math.max(0, resetsAtMs - style.nowMs);
  return `${text}, resets ${keepTogether(`in ${spanText(left)}`)} ${keepTogether(`(${timeText(resetsAtMs, style)})`)}`;
}

/** Keeps the words on one line, however narrow the terminal. */
function keepTogether(words: string): string {
  return words.replaceAll(' ', noBreak);
}

export function bar(percent: number, color: boolean, cells = 20): string {
  const filled = Math.min(cells, Math.max(0, Math.round((percent / 100) * cells)));
  const text = '█'.repeat(filled) + '░'.repeat(cells - filled);
  if (!color) return text;
  const code = percent >= 90 ? 31 : percent >= 70 ? 33 : 32;
  return `\x1b[${code}m${text}\x1b[0m`;
}

/** `2026-11-20 15:23`; the Swedish locale formats dates like ISO 8601. */
function timeText(ms: number, { timeZone }: Style): string {
  return new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'short', timeZone }).format(ms);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function urlOf(address: string): string {
  return address.startsWith('unix:') ? address : `http://${address}`;
}

export function statusJson({ login, problem, quotas, quotaProblem, daemons }: Status): object {
  return {
    login: login
      ? {
          source: login.origin,
          path: login.path ?? null,
          email: login.email ?? null,
          account_id: login.accountId ?? null,
          plan: login.plan ?? null,
          expires_at: isoOf(login.expiresAtMs),
          renewable: login.refreshable,
        }
      : null,
    problem: problem
      ? {
          kind: problem.kind,
          code: problem.code ?? problem.kind,
          message: problem.message,
          next: problem.advice,
        }
      : null,
    quotas: quotas.map(({ limit, name, windows, reached }) => ({
      limit,
      name: name ?? null,
      reached: reached ?? null,
      windows: windows.map(({ label, usedPercent, windowMinutes, resetsAtMs }) => ({
        label,
        used_percent: usedPercent,
        window_minutes: windowMinutes,
        resets_at: isoOf(resetsAtMs),
      })),
    })),
    quota_problem: quotaProblem?.message ?? null,
    daemons,
  };
}

function isoOf(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}
