import type { HistorySource } from '../history/history-source.ts';

const none = (): Promise<never> => Promise.reject(new Error('There is no history here'));

/** A history nothing is known of. */
export const noHistory: HistorySource = { page: none, version: none, files: none, read: none };
