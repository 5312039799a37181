import type { Routes } from '../backend.ts';
export const changeRoutes: Routes = () => {};
