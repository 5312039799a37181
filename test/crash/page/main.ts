/** A page that runs a scenario in a worker; what it is to do is in its address. */
const worker = new Worker(new URL('./scenario.worker.ts', import.meta.url), { type: 'module', name: location.search.slice(1) });
worker.addEventListener('error', ({ message }) => {
  document.title = 'failed';
  void fetch('/report', {
    method: 'POST',
    body: JSON.stringify({ run: new URLSearchParams(location.search).get('run'), error: `the worker failed: ${message}` }),
  });
});
