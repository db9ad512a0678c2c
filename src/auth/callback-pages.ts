// The pages that the browser shows after a login. Plain HTML: no scripts, no external resources, no tokens.

export const successPage = page(
  'Logged in',
  'codexd is logged in. You can close this window and go back to the terminal.',
);

export function errorPage(code: string, message: string): string {
  return page('Login failed', message, `<p><code>${Bun.escapeHTML(code)}</code></p>`);
}

function page(title: string, text: string, more = ''): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>codexd: ${Bun.escapeHTML(title)}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:36rem;margin:20vh auto;padding:0 1rem}</style></head>
<body><h1>${Bun.escapeHTML(title)}</h1><p>${Bun.escapeHTML(text)}</p>${more}</body>
</html>
`;
}
