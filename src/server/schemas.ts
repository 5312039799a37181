import * as v from 'valibot';
import { isChangeId } from '../base/ids.ts';
import { quote } from '../wire/errors.ts';
import { bookmarkNameProblem, messageProblem, repoNameProblem } from '../wire/names.ts';

/** A text that `problem` finds nothing wrong with; the error quotes it. */
function checked(problem: (text: string) => string | null, say: (text: string, problem: string) => string): v.GenericSchema<unknown, string> {
  return v.pipe(
    v.string(),
    v.check(
      (text) => problem(text) === null,
      (issue) => say(issue.input, problem(issue.input) ?? ''),
    ),
  );
}

/** The id of a change, the virtual root's among them. */
export const changeIdSchema: v.GenericSchema<unknown, string> = checked(
  (text) => (isChangeId(text) ? null : 'use 32 letters from k to z'),
  (text, problem) => `${quote(text)} is not a change id; ${problem}`,
);

/** A name for a new bookmark. */
export const bookmarkNameSchema: v.GenericSchema<unknown, string> = checked(
  bookmarkNameProblem,
  (text, problem) => `${quote(text)} cannot name a bookmark: ${problem}`,
);

/** A name for a repo. */
export const repoNameSchema: v.GenericSchema<unknown, string> = checked(repoNameProblem, (text, problem) => `${quote(text)} cannot name a repo: ${problem}`);

/** The message of a change. */
export const messageSchema: v.GenericSchema<unknown, string> = checked(messageProblem, (_text, problem) => problem);
