import type { Routes } from '../backend.ts';
export const diffRoutes: Routes = () => {};
