import type { Routes } from '../backend.ts';
export const contentRoutes: Routes = () => {};
