import { serveWorker } from '../src/runtime/worker.ts';

serveWorker();
