import type { Routes } from '../backend.ts';
export const bookmarkRoutes: Routes = () => {};
