import type { BaseIssue } from 'valibot';

/** Says in one sentence what is wrong with a value from outside: where, which value, and how many problems there are beside the first. */
export function describeIssues(issues: readonly [BaseIssue<unknown>, ...BaseIssue<unknown>[]]): string {
  const [first, ...others] = issues;
  const path = first.path?.map((item) => String(item.key)).join('.') ?? '';
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  return `${path === '' ? '' : `${path}: `}${first.message}${more}.`.replace(/\.\.$/, '.');
}
