import { percentile } from '../../e2e/percentile.ts';
import { Mesa } from '../../../src/runtime/node.ts';

const FILES = 50;
const WRITES = 500;
/** Writes before those that count. */
const WARMING = 100;
/** Milliseconds between two writes. */
const PAUSE = 5;

/** Milliseconds from a call of `writeFile`, as percentiles. */
export interface Latency {
  /** Until another mount's subscriber was called. */
  event: { p50: number; p99: number };
  /** Until it had read the new bytes. */
  visible: { p50: number; p99: number };
  /** Until the writer was told that the server has it. */
  acknowledged: { p50: number; p99: number };
  /** What the other mount asked for, in a write. */
  requests: number;
}

/** Writes in one mount, one at a time, and waits for each in another. The backend has to be empty. */
export async function measureLatency({ apiUrl, key }: { apiUrl: string; key: string }): Promise<Latency> {
  let requests = 0;
  const counted = (request: Request): Promise<Response> => {
    requests += 1;
    return fetch(request);
  };
  const here = new Mesa({ apiUrl, apiKey: key, org: 'acme' });
  const there = new Mesa({ apiUrl, apiKey: key, org: 'acme', fetch: counted });
  await here.repos.create({ name: 'app' });
  const [writer, reader] = [await here.fs.mount({ repos: ['app'] }), await there.fs.mount({ repos: ['app'] })];
  const path = (index: number): string => `/acme/app/src/lib/file-${index % FILES}.txt`;
  await writer.mkdir('/acme/app/src/lib', { recursive: true });
  for (let index = 0; index < FILES; index += 1) await writer.writeFile(path(index), 'the first text\n');
  await readable(reader, path(FILES - 1), 'the first text\n');

  const times = { event: [] as number[], visible: [] as number[], acknowledged: [] as number[] };
  let heard: (event: number, text: string) => void = () => {};
  reader.subscribe(async (event) => {
    const at = performance.now();
    heard(at, await reader.readFile(event.path));
  });
  for (let index = -WARMING; index < WRITES; index += 1) {
    if (index === 0) requests = 0;
    const text = `write ${index}\n`;
    const came = new Promise<number>((resolve) => (heard = (at, read) => void (read === text && resolve(at))));
    const began = performance.now();
    const acknowledged = writer.writeFile(path(index + WARMING), text).then(() => performance.now());
    const event = await came;
    const visible = performance.now();
    if (index >= 0) {
      times.event.push(event - began);
      times.visible.push(visible - began);
      times.acknowledged.push((await acknowledged) - began);
    }
    await acknowledged;
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
  await Promise.all([writer.close(), reader.close()]);
  const of = (values: number[]): Latency['event'] => ({ p50: percentile(values, 50), p99: percentile(values, 99) });
  return { event: of(times.event), visible: of(times.visible), acknowledged: of(times.acknowledged), requests: requests / WRITES };
}

async function readable(reader: { readFile(path: string): Promise<string> }, path: string, text: string): Promise<void> {
  while ((await reader.readFile(path).catch(() => '')) !== text) await new Promise((resolve) => setTimeout(resolve, 5));
}
