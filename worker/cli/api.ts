import type { Core } from '../../src/core/load.ts';
import type { StoredObject } from '../../src/core/resolve.ts';
import type { Frame } from '../../src/wire/frames.ts';
import { encodeFrames, FRAMES_TYPE, readFrames } from '../../src/wire/frames.ts';
import { UsageError } from './usage-error.ts';

/** An error answer of the API. */
export class ApiFailure extends UsageError {
  override readonly name: string = 'ApiFailure';
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(`${message} (${code}, HTTP ${status})`);
    this.status = status;
    this.code = code;
  }
}

/** Where an API is and how to speak to it. */
export interface Access {
  /** Up to and including `/v1`. */
  apiUrl: string;
  key: string;
  fetch(request: Request): Promise<Response>;
}

/** The few calls of the API that import and export need. */
export class Api {
  readonly #access: Access;
  readonly #core: Core;

  constructor(access: Access, core: Core) {
    this.#access = access;
    this.#core = core;
  }

  /** One JSON call; `path` begins after `/v1`. */
  async json<T>(method: string, path: string, body?: unknown): Promise<T> {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } };
    return (await (await this.#send(path, init)).json()) as T;
  }

  /** Sends frames in one body and answers the JSON reply. */
  async frames<T>(path: string, frames: Frame[]): Promise<T> {
    const body = encodeFrames(frames);
    return (await (await this.#send(path, { method: 'POST', body, headers: { 'Content-Type': FRAMES_TYPE } })).json()) as T;
  }

  /** Fetches objects of a repo, checked against their ids; throws when one is not there. */
  async objects(repoPath: string, oids: string[]): Promise<StoredObject[]> {
    const response = await this.#send(`${repoPath}/-/objects/batch`, {
      method: 'POST',
      body: JSON.stringify({ oids }),
      headers: { 'Content-Type': 'application/json' },
    });
    if (response.body === null) throw new UsageError('The server sent no body for a batch of objects');
    const found: StoredObject[] = [];
    for await (const frame of readFrames(response.body)) {
      if (frame.type !== 'object') continue;
      const { oid, kind, bytes } = frame;
      if (!this.#core.verifyObject(oid, kind, bytes)) throw new UsageError(`The server sent a corrupt object: its bytes do not hash to ${oid}`);
      found.push({ oid, kind, bytes });
    }
    if (found.length < oids.length) {
      const have = new Set(found.map((object) => object.oid));
      throw new UsageError(`The server lacks object ${oids.find((oid) => !have.has(oid)) ?? '?'}`);
    }
    return found;
  }

  async #send(path: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set('Authorization', `Bearer ${this.#access.key}`);
    let response: Response;
    try {
      response = await this.#access.fetch(new Request(`${this.#access.apiUrl}${path}`, { ...init, headers }));
    } catch (cause) {
      throw new UsageError(`No server answers at ${this.#access.apiUrl}; start one with: mesafs serve`, { cause });
    }
    if (response.ok) return response;
    const body = (await response.json().catch(() => null)) as { error?: { code?: string; message?: string } } | null;
    throw new ApiFailure(response.status, body?.error?.code ?? 'HTTP_ERROR', body?.error?.message ?? `The server answered ${response.status}`);
  }
}
