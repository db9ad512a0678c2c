// The page on which a user approves a login (docs/wire/anthropic.md#gateway-login). Plain HTML: no scripts, no external
// resources, and no other site can show it in a frame.
import { createHash } from 'node:crypto';

export interface Consent {
  userCode: string;
  formToken: string;
  /** Whether the user must enter one of the daemon's keys. */
  asksForKey: boolean;
  /** The text above the form, if the last attempt failed. */
  problem?: string;
}

export function consentPage({ userCode, formToken, asksForKey, problem }: Consent, status = 200): Response {
  const key = asksForKey
    ? '<p><label>One of this daemon’s API keys<br><input name="key" type="password" autocomplete="off" required></label></p>'
    : '';
  return page(
    'Log in Claude Code?',
    `${problem === undefined ? '' : `<p role="alert">${Bun.escapeHTML(problem)}</p>`}
<p class="code">${Bun.escapeHTML(userCode)}</p>
<p>Approve only if you started this login yourself, and <strong>Claude Code shows this same code</strong>. Otherwise someone else is asking for access.</p>
<p>Claude Code can then use your ChatGPT plan through this daemon, until you revoke it with <code>/logout</code> in Claude Code or with <code>codexd config key remove ${Bun.escapeHTML(`claude-code-${userCode.toLowerCase()}`)}</code>.</p>
<form method="post" action="/device">
<input type="hidden" name="user_code" value="${Bun.escapeHTML(userCode)}">
<input type="hidden" name="form_token" value="${Bun.escapeHTML(formToken)}">
${key}
<p><button name="decision" value="approved">Approve</button> <button name="decision" value="denied" formnovalidate>Deny</button></p>
</form>`,
    status,
  );
}

export function codePage(problem?: string, status = 200): Response {
  return page(
    'Log in Claude Code',
    `${problem === undefined ? '' : `<p role="alert">${Bun.escapeHTML(problem)}</p>`}
<form method="get" action="/device">
<p><label>The code that Claude Code shows<br><input name="user_code" autocomplete="off" autocapitalize="characters" spellcheck="false" required></label></p>
<p><button>Continue</button></p>
</form>`,
    status,
  );
}

export function messagePage(title: string, text: string, status = 200): Response {
  return page(title, `<p>${Bun.escapeHTML(text)}</p>`, status);
}

const style = `
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 34rem; margin: 10vh auto; padding: 0 1rem; }
.code { font: 600 2.5rem/1.2 ui-monospace, monospace; letter-spacing: .1em; }
[role=alert] { border-left: .25rem solid #c33; padding-left: .75rem; }
input, button { font: inherit; padding: .4rem .8rem; }
input { width: 100%; box-sizing: border-box; }
`;

const styleHash = createHash('sha256').update(style).digest('base64');

const headers = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${styleHash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  // `no-referrer` would make browsers submit the form with `Origin: null`.
  'referrer-policy': 'same-origin',
  'cache-control': 'no-store',
};

function page(title: string, body: string, status: number): Response {
  const text = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>codexd: ${Bun.escapeHTML(title)}</title>
<style>${style}</style></head>
<body><h1>${Bun.escapeHTML(title)}</h1>
${body}
</body>
</html>
`;
  return new Response(text, { status, headers });
}
