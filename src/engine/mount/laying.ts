import type { Edit } from '../../core/generated/mesa_core.js';
import type { Pending } from '../sync/pending.ts';
import type { Trees, View } from './trees.ts';

/**
 * Lays operations on a version one by one, as far as that can be done with what is on this device, since the whole could not be had: where the base of a
 * merge is not here, what was written is shown as it was written; what can't be shown at all is passed over. `null` when nothing can be laid.
 */
export async function layWhatCanBe(trees: Trees, base: View, operations: readonly Pending[]): Promise<View | null> {
  let view: View | null = null;
  for (const { edits } of operations) {
    const on: View = view ?? base;
    const laid: View | null = (await attempt(trees, on, edits)) ?? (await attempt(trees, on, await asWritten(trees, on, edits)));
    view = laid ?? view;
  }
  return view;
}

/** The edits with what is there now in place of what their writer saw: nothing is merged. */
async function asWritten(trees: Trees, view: View, edits: readonly Edit[]): Promise<Edit[]> {
  const plain = edits.map(async (edit): Promise<Edit> => {
    if (edit.type !== 'write') return edit;
    const present = await trees.atNear(view, edit.path);
    return present === null ? edit : { ...edit, was: present.terms };
  });
  return Promise.all(plain);
}

async function attempt(trees: Trees, view: View, edits: readonly Edit[]): Promise<View | null> {
  try {
    return (await trees.applyNear(view, [...edits])).view;
  } catch {
    return null;
  }
}
