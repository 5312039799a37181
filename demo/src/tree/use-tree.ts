import { createTree, type TreeConfig, type TreeInstance } from '@headless-tree/core';
import { useEffect, useReducer, useState } from 'preact/hooks';

/** Binds a headless tree to this component: its state lives in the tree, and every change of it renders the component again. */
export function useTree<T>(config: TreeConfig<T>): TreeInstance<T> {
  const [, render] = useReducer((count: number) => count + 1, 0);
  const [tree] = useState(() => createTree<T>({ ...config, setState: () => render(undefined) }));
  useEffect(() => {
    tree.setMounted(true);
    tree.rebuildTree();
    return () => tree.setMounted(false);
  }, [tree]);
  tree.setConfig((previous) => ({ ...previous, ...config, setState: () => render(undefined) }));
  return tree;
}
