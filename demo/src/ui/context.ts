import { createContext, type Context } from 'preact';
import { useContext } from 'preact/hooks';
import type { Command } from '../workspace/commands.ts';
import type { Ide } from '../workspace/ide.ts';

/** What every component below the shell can reach. */
export interface IdeScope {
  ide: Ide;
  commands: readonly Command[];
}

const scope: Context<IdeScope | null> = createContext<IdeScope | null>(null);

/** Gives the IDE to the components inside. */
export const IdeProvider: typeof scope.Provider = scope.Provider;

/** The IDE this component is part of. */
export function useIde(): Ide {
  return useScope().ide;
}

export function useCommands(): readonly Command[] {
  return useScope().commands;
}

function useScope(): IdeScope {
  const value = useContext(scope);
  if (!value) throw new Error('This component belongs inside an IdeProvider');
  return value;
}
