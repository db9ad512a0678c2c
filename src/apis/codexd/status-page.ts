// The page that browsers get at `/`: the daemon's state and its APIs.

export interface StatusPage {
  version: string;
  apis: string[];
  login: { ok: boolean; message?: string };
}

export function statusPage({ version, apis, login }: StatusPage): Response {
  const state = login.ok ? 'A ChatGPT login is available.' : (login.message ?? 'Not logged in.');
  const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>codexd</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 40rem; margin: 3rem auto; padding: 0 1rem; color-scheme: light dark; }
li { font-family: ui-monospace, monospace; font-size: 14px; }
</style>
<h1>codexd ${escapeHtml(version)}</h1>
<p>The daemon is running. ${escapeHtml(state)}</p>
<p>Status as JSON: <a href="/health">/health</a>. To configure a client, run <code>codexd env CLIENT</code>.</p>
<h2>APIs</h2>
<ul>
${apis.map((path) => `<li>${escapeHtml(path)}</li>`).join('\n')}
</ul>
</html>
`;
  return new Response(page, {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      vary: 'Accept',
    },
  });
}

function escapeHtml(text: string): string {
  const entities = new Map([
    ['&', '&amp;'],
    ['<', '&lt;'],
    ['>', '&gt;'],
    ['"', '&quot;'],
  ]);
  return text.replace(/[&<>"]/g, (character) => entities.get(character) ?? character);
}
