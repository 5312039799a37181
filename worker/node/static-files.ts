import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';

const TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

/** How files are served. */
export interface StaticOptions {
  /** The Content-Security-Policy of the pages among them. */
  policy?: string;
  /** Answers a path that names no file; `index.html` does unless given. */
  notFound?: (pathname: string, method: string) => Response;
}

/** Answers with the files of a folder. Files under `assets/` carry a hash in their name and never change. */
export function staticFiles(folder: string, { policy, notFound }: StaticOptions = {}): (request: Request) => Promise<Response> {
  return async (request) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return new Response(null, { status: 405, headers: { Allow: 'GET, HEAD' } });
    const { pathname } = new URL(request.url);
    const path = safePath(pathname);
    if (path === null) return new Response('That path is not valid.', { status: 400 });
    const bytes = await readFile(join(folder, path)).catch(() => null);
    if (bytes !== null) return file(bytes, path, request.method, policy);
    if (notFound) return notFound(pathname, request.method);
    if (extname(path) !== '') return new Response(`There is no ${pathname} here.`, { status: 404 });
    const index = await readFile(join(folder, 'index.html')).catch(() => null);
    return index === null ? new Response('The page has not been built.', { status: 404 }) : file(index, 'index.html', request.method, policy);
  };
}

function file(bytes: Uint8Array<ArrayBuffer>, path: string, method: string, policy: string | undefined): Response {
  const cache = path.startsWith(`assets${sep}`) ? 'public, max-age=31536000, immutable' : 'no-cache';
  const type = TYPES[extname(path)] ?? 'application/octet-stream';
  const headers = new Headers({ 'Content-Type': type, 'Content-Length': String(bytes.length), 'Cache-Control': cache });
  if (policy !== undefined && extname(path) === '.html') headers.set('Content-Security-Policy', policy);
  return new Response(method === 'HEAD' ? null : bytes, { headers });
}

/** The path below the folder, `null` when it would leave it. */
function safePath(pathname: string): string | null {
  let decoded: string;
  try {
    decoded = decodeURIComponent(pathname);
  } catch {
    return null;
  }
  if (decoded.includes('\0')) return null;
  const path = normalize(decoded).replace(/^[/\\]+/, '');
  if (path.split(/[/\\]/).includes('..')) return null;
  return path === '' || path === '.' ? 'index.html' : path;
}
