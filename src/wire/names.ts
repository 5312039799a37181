import { LIMITS } from './limits.ts';

/** Path segments under an org that are not repos. */
const RESERVED_REPOS: ReadonlySet<string> = new Set(['repos', 'api-keys', 'webhook-targets', '-', '.', '..']);

/** Says what is wrong with a repo's name, or answers `null`: 1 to 100 of letters, digits, `.`, `_` and `-`, and not a word the API uses itself. */
export function repoNameProblem(name: string): string | null {
  if (name.length === 0 || name.length > 100) return 'a repo name has 1 to 100 characters';
  if (!/^[A-Za-z0-9._-]+$/.test(name)) return 'a repo name holds only letters, digits, ".", "_" and "-"';
  if (RESERVED_REPOS.has(name)) return `"${name}" is a word of the API; choose another name`;
  if (name.toLowerCase().endsWith('.git')) return 'a repo name does not end in ".git"';
  return null;
}

/** Says what is wrong with a bookmark's name, or answers `null`. The rules are those of a git branch, so that every bookmark can be exported. */
export function bookmarkNameProblem(name: string): string | null {
  if (name.length === 0 || name.length > 255) return 'a bookmark name has 1 to 255 characters';
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u0020\u007f~^:?*[\\]/.test(name)) return 'a bookmark name holds no spaces, control characters or any of ~ ^ : ? * [ \\';
  if (!name.isWellFormed()) return 'a bookmark name is valid Unicode';
  if (name.startsWith('-') || name === '@' || name.includes('@{')) return 'a bookmark name does not start with "-" and is not "@" or a reflog name';
  if (name.includes('..') || name.endsWith('.')) return 'a bookmark name holds no ".." and does not end in "."';
  for (const part of name.split('/')) {
    if (part === '') return 'a bookmark name does not start or end with "/" and holds no "//"';
    if (part.startsWith('.') || part.endsWith('.lock')) return 'no part of a bookmark name starts with "." or ends in ".lock"';
  }
  return null;
}

/** The characters of a client id: 16 random bytes in url-safe base64. */
export const CLIENT_ID: RegExp = /^[A-Za-z0-9_-]{22}$/;

/** Says what is wrong with the message of a change, or answers `null`: at most 65,536 characters of valid Unicode without NUL, as git has it. */
export function messageProblem(message: string): string | null {
  if (message.length > LIMITS.maxMessageLength) return `a message has at most ${LIMITS.maxMessageLength} characters`;
  if (message.includes('\0')) return 'a message holds no NUL character';
  return message.isWellFormed() ? null : 'a message is valid Unicode';
}

/** Names that an object of its own has a meaning for; what is kept under them gets lost on its way through JSON. */
export const LOST_KEYS: readonly string[] = ['__proto__', 'constructor', 'prototype'];

/** Says what is wrong with a key of metadata, or answers `null`: 1 to 128 characters of valid Unicode, and none that is the path's own. */
export function metadataKeyProblem(key: string): string | null {
  if (key === '') return 'a metadata key is not empty';
  if (key.length > 128) return 'a metadata key has at most 128 characters';
  if (!key.isWellFormed()) return 'a metadata key is valid Unicode';
  if (LOST_KEYS.includes(key)) return `"${key}" cannot be a key; choose another`;
  return key === 'org' || key === 'repo' ? 'the metadata keys "org" and "repo" are read-only; choose another' : null;
}

/** Says what is wrong with a value of metadata, or answers `null`: at most 4,096 characters of valid Unicode. */
export function metadataValueProblem(value: string): string | null {
  if (value.length > 4096) return 'a metadata value has at most 4096 characters';
  return value.isWellFormed() ? null : 'a metadata value is valid Unicode';
}
