/** The answer to a path that nothing is at: a page that leads to the one that is there. */
export function notFoundPage(pathname: string, method: string): Response {
  const headers = {
    'Content-Type': 'text/html; charset=utf-8',
    'Cache-Control': 'no-store',
    'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'",
  };
  return new Response(method === 'HEAD' ? null : page(escapeHtml(shown(pathname))), { status: 404, headers });
}

function page(path: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Not found</title>
    <style>
      :root { color-scheme: light dark; }
      body { margin: 0; min-height: 100vh; display: grid; place-content: center; justify-items: center; gap: 12px; padding: 24px; box-sizing: border-box; text-align: center; font: 15px/1.5 system-ui, sans-serif; background: light-dark(#fffefc, #1b1a18); color: light-dark(#25211c, #e8e3da); }
      h1 { margin: 0; font-size: 20px; }
      p { margin: 0; max-width: 46ch; overflow-wrap: anywhere; }
      .whole { white-space: nowrap; }
      a { color: light-dark(#a8481c, #f0975f); }
    </style>
  </head>
  <body>
    <h1>There is nothing here</h1>
    <p>This server has no page at <code>${path}</code>. A file of a repository is opened as <code class="whole">/?file=its/path</code>.</p>
    <p><a href="/">Open the editor</a></p>
  </body>
</html>
`;
}

/** The path as people read it, cut where it is long. */
function shown(pathname: string): string {
  const path = pathname.length > 200 ? `${pathname.slice(0, 200)}…` : pathname;
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
