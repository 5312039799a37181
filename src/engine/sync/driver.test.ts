import { expect, test } from 'vitest';
import { FsError } from '../../base/errors.ts';
import { MesaApiError } from '../../rpc/api-error.ts';
import { ManualClock } from '../../server/test-support.ts';
import type { OperationBody, OpResult, OpsReply } from '../../wire/operations.ts';
import { Driver } from './driver.ts';
import type { Pending } from './pending.ts';
import { quietPorts } from './test-support.ts';

const BODY: OperationBody = { kind: 'change.describe', change: 'k'.repeat(32), message: 'x' };

/** A driver whose batches are answered by the test, in the order they are sent. */
class Bench {
  readonly clock = new ManualClock(0);
  readonly sent: number[][] = [];
  readonly payloads: string[] = [];
  readonly log: string[] = [];
  readonly driver: Driver;
  #answers: PromiseWithResolvers<OpsReply>[] = [];
  reopen: () => Promise<void> = async () => undefined;
  ready = true;
  held = false;

  constructor(patient = false) {
    const fetch = (): Promise<Response> => Promise.reject(new Error('unused'));
    this.driver = new Driver({
      env: { clock: this.clock, fetch, random: (bytes) => void bytes.fill(255) },
      before: () => null,
      send: (operations) => this.#send(operations),
      settled: async (_reply, batch, remove) => {
        remove();
        this.log.push(`settled ${batch.map(({ seq }) => seq).join(',')}`);
      },
      reopen: () => {
        this.log.push('reopen');
        return this.reopen();
      },
      changed: () => undefined,
      refused: (operations) => void this.log.push(`refused ${operations.map(({ seq }) => seq).join(',')}`),
      patient: () => patient,
      ready: () => this.ready,
      held: () => this.held,
      reached: () => undefined,
    });
  }

  write(told = false): Promise<unknown> {
    const operation = this.driver.enqueue(BODY, [], 'k'.repeat(32));
    operation.told = told;
    return operation.answered.then(
      (result) => result.seq,
      (error: unknown) => error,
    );
  }

  /** Writes as many, as fast, as a stream of operations has. */
  async stream(): Promise<void> {
    for (let count = 0; count < 8; count += 1) {
      void this.write(true);
      this.clock.advance(1);
      await turns();
    }
  }

  /** Answers the batch under way: `true` accepts, an error fails it, results are passed on. */
  async answer(how: true | Error | OpResult[]): Promise<void> {
    const answer = this.#answers.shift();
    const seqs = this.sent.at(-1) ?? [];
    if (how instanceof Error) answer?.reject(how);
    else answer?.resolve({ results: how === true ? seqs.map(accepted) : how, cursor: '' });
    await turns();
  }

  #send(operations: Pending[]): Promise<OpsReply> {
    this.sent.push(operations.map(({ seq }) => seq));
    this.payloads.push(operations.map(({ payload }) => new TextDecoder().decode(payload)).join('\n'));
    const answer = Promise.withResolvers<OpsReply>();
    this.#answers.push(answer);
    return answer.promise;
  }
}

function accepted(seq: number): OpResult {
  return { seq, ok: true, repoSeq: seq, change: 'k'.repeat(32), commit: '', trees: [], side: null, outcome: 'applied', paths: [] };
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

test('what is written in one tick goes out as one batch; what comes meanwhile as the next', async () => {
  const bench = new Bench();
  const first = [bench.write(), bench.write()];
  await turns();
  const later = [bench.write(), bench.write(), bench.write()];
  await turns();
  expect(bench.sent).toEqual([[1, 2]]);
  await bench.answer(true);
  expect(await Promise.all(first)).toEqual([1, 2]);
  expect(bench.sent).toEqual([
    [1, 2],
    [3, 4, 5],
  ]);
  await bench.answer(true);
  expect(await Promise.all(later)).toEqual([3, 4, 5]);
  expect(bench.driver.lastAcceptedSeq).toBe(5);
  expect(bench.driver.state).toBe('idle');
});

test('a batch that failed for a passing reason is sent again with the same names and bytes', async () => {
  const bench = new Bench();
  const written = bench.write();
  await turns();
  await bench.answer(new TypeError('fetch failed'));
  expect(bench.driver.state).toBe('backing-off');
  expect(bench.driver.retryAt).toBe(200);
  bench.clock.advance(199);
  expect(bench.sent).toHaveLength(1);
  bench.clock.advance(1);
  expect(bench.sent).toEqual([[1], [1]]);
  expect(bench.payloads[1]).toBe(bench.payloads[0]);
  await bench.answer(true);
  expect(await written).toBe(1);
});

test('the wait ends when the network is back', async () => {
  const bench = new Bench();
  const written = bench.write();
  await turns();
  await bench.answer(new TypeError('fetch failed'));
  bench.driver.notify('online');
  expect(bench.sent).toHaveLength(2);
  await bench.answer(true);
  expect(await written).toBe(1);
});

test('a refused operation is told to its writer and the others stand', async () => {
  const bench = new Bench();
  const writes = [bench.write(), bench.write()];
  await turns();
  await bench.answer([{ seq: 1, ok: false, error: { code: 'CHANGE_NOT_FOUND', message: 'It is gone.' } }, accepted(2)]);
  const [refused, stands] = await Promise.all(writes);
  expect(refused).toBeInstanceOf(MesaApiError);
  expect(refused).toMatchObject({ code: 'CHANGE_NOT_FOUND' });
  expect(stands).toBe(2);
});

test('a batch refused as a whole goes one by one, so that only the offender fails', async () => {
  const bench = new Bench();
  const writes = [bench.write(), bench.write(), bench.write()];
  await turns();
  await bench.answer(MesaApiError.from(400, { code: 'MISSING_OBJECT', message: 'lost' }));
  expect(bench.sent.at(-1)).toEqual([1]);
  await bench.answer(true);
  expect(bench.sent.at(-1)).toEqual([2]);
  await bench.answer(MesaApiError.from(400, { code: 'MISSING_OBJECT', message: 'lost' }));
  await bench.answer(true);
  const [first, second, third] = await Promise.all(writes);
  expect([first, third]).toEqual([1, 3]);
  expect(second).toMatchObject({ code: 'MISSING_OBJECT' });
});

test('without a token every write fails at once, and later ones try again', async () => {
  const bench = new Bench();
  const writes = [bench.write(), bench.write()];
  await turns();
  await bench.answer(MesaApiError.from(401, { code: 'TOKEN_EXPIRED', message: 'over' }));
  expect(await Promise.all(writes)).toMatchObject([{ code: 'TOKEN_EXPIRED' }, { code: 'TOKEN_EXPIRED' }]);
  expect(bench.driver.state).toBe('expired');
  const later = bench.write();
  await turns();
  await bench.answer(true);
  expect(await later).toBe(3);
});

test('what its writer was told is safe waits for another token', async () => {
  const bench = new Bench();
  const writes = [bench.write(true), bench.write()];
  await turns();
  await bench.answer(MesaApiError.from(401, { code: 'TOKEN_EXPIRED', message: 'over' }));
  expect(await writes[1]).toMatchObject({ code: 'TOKEN_EXPIRED' });
  expect(bench.log).toEqual(['settled 2', 'refused 2']);
  expect(bench.driver.pending.map(({ seq }) => seq)).toEqual([1]);
  bench.driver.notify('credential');
  await turns();
  await bench.answer(true);
  expect(await writes[0]).toBe(1);
});

test('an operation that was never sent can be taken back while sending has to wait', async () => {
  const bench = new Bench();
  bench.driver.notify('offline');
  const operation = bench.driver.enqueue(BODY, [], 'k'.repeat(32));
  await turns();
  expect(bench.driver.withdraw(operation)).toBe(true);
  bench.driver.notify('online');
  await turns();
  expect(bench.sent).toEqual([]);
  const sent = bench.driver.enqueue(BODY, [], 'k'.repeat(32));
  await turns();
  expect(bench.driver.withdraw(sent)).toBe(false);
  await bench.answer(true);
});

/** A driver whose network is what `send` does. */
function driverOf(clock: ManualClock, send: (operations: Pending[], signal: AbortSignal) => Promise<OpsReply>): Driver {
  return new Driver(quietPorts(clock, { send }));
}

test.each([
  ['fails with the reason', (signal: AbortSignal): unknown => signal.reason],
  ['fails with an error of its own', (): unknown => new DOMException('The user aborted a request.', 'AbortError')],
  ['never fails', (): null => null],
])('a batch without an answer is taken for lost after two minutes, where what is aborted %s', async (_how, failure) => {
  const clock = new ManualClock(0);
  const signals: AbortSignal[] = [];
  const driver = driverOf(clock, (_operations, signal) => {
    signals.push(signal);
    return new Promise((_, reject) => signal.addEventListener('abort', () => (failure(signal) === null ? undefined : reject(failure(signal)))));
  });
  const { answered } = driver.enqueue(BODY, [], 'k'.repeat(32));
  answered.catch(() => undefined);
  await turns();
  clock.advance(119_999);
  await turns();
  expect(driver.state).toBe('sending');
  clock.advance(10);
  await turns();
  expect(signals[0]?.aborted).toBe(true);
  expect(driver.state).toBe('backing-off');
  expect(driver.pending).toHaveLength(1);
  driver.close();
});

test('where the network is too slow for a batch, less is sent at once and more time is given', async () => {
  const clock = new ManualClock(0);
  const sent: number[] = [];
  const driver = driverOf(clock, (operations, signal) => {
    sent.push(operations.length);
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  });
  const blob = { oid: '0'.repeat(40), kind: 'blob' as const, bytes: new Uint8Array(4 * 1024 * 1024) };
  for (let count = 0; count < 4; count += 1) driver.enqueue(BODY, [blob], 'k'.repeat(32)).answered.catch(() => undefined);
  await turns();
  // 16 MiB and a little more.
  expect(sent).toEqual([3]);
  const times: number[] = [];
  for (let tries = 0; tries < 4; tries += 1) {
    const began = clock.now();
    while (driver.state === 'sending') {
      clock.advance(1_000);
      await turns();
    }
    times.push(Math.round((clock.now() - began) / 1_000));
    clock.advance(1);
    await turns();
  }
  expect(sent).toEqual([3, 1, 1, 1, 1]);
  expect(times).toEqual([313, 369, 369, 369]);
  driver.close();
});

test('what waits for another driver that is stuck is stuck with it, and goes on with it', async () => {
  const bench = new Bench();
  bench.ready = false;
  const written = bench.write();
  await turns();
  let told: boolean | null = null;
  void bench.driver.drained().then((drained) => (told = drained));
  await turns();
  expect([bench.driver.isStuck, told]).toEqual([false, null]);
  bench.held = true;
  bench.driver.look();
  await turns();
  expect([bench.driver.isStuck, told, bench.sent]).toEqual([true, false, []]);
  Object.assign(bench, { ready: true, held: false });
  bench.driver.wake();
  await turns();
  await bench.answer(true);
  expect(await written).toBe(1);
});

test('whoever waits for what another engine sends is told that it has to wait once the server can’t be asked', async () => {
  const bench = new Bench();
  let asked = 0;
  bench.reopen = async () => {
    asked += 1;
    throw new TypeError('fetch failed');
  };
  bench.ready = false;
  void bench.write().catch(() => undefined);
  await turns();
  expect(bench.driver.isStuck).toBe(false);
  expect(await bench.driver.drained()).toBe(false);
  expect([bench.driver.isStuck, asked]).toEqual([true, 1]);
  bench.driver.close();
});

test('the repo is opened again when the batch under way is answered', async () => {
  const bench = new Bench();
  const written = bench.write();
  await turns();
  const reset = bench.driver.reset();
  expect(bench.log).toEqual([]);
  await bench.answer(true);
  expect(await written).toBe(1);
  await reset;
  expect(bench.log).toEqual(['settled 1', 'reopen']);
});

test('opening again is tried until it succeeds', async () => {
  const bench = new Bench();
  let tries = 0;
  bench.reopen = async () => {
    tries += 1;
    if (tries < 3) throw new TypeError('fetch failed');
  };
  const reset = bench.driver.reset();
  await turns();
  bench.clock.advance(200);
  await turns();
  bench.clock.advance(400);
  await reset;
  expect(tries).toBe(3);
});

test('what a repo answers that was gone is taken in once it is opened', async () => {
  const bench = new Bench();
  bench.reopen = async () => {
    throw new MesaApiError('gone', { status: 404, code: 'REPO_NOT_FOUND', body: {} });
  };
  await bench.driver.reset();
  bench.reopen = async () => undefined;
  for (let count = 1; count <= 2; count += 1) {
    void bench.write();
    await turns();
    await bench.answer(true);
  }
  expect(bench.log).toEqual(['reopen', 'reopen', 'settled 1', 'settled 2']);
});

test('what is asked for while the repo is opened is asked for again', async () => {
  const bench = new Bench();
  const opened = Promise.withResolvers<void>();
  bench.reopen = () => opened.promise;
  const first = bench.driver.reset();
  const second = bench.driver.reset();
  bench.reopen = async () => undefined;
  opened.resolve();
  await Promise.all([first, second]);
  expect(bench.log.filter((line) => line === 'reopen')).toHaveLength(2);
  expect(bench.driver.state).toBe('idle');
});

test('nothing is opened again once it is closed', async () => {
  const bench = new Bench();
  bench.driver.close();
  await bench.driver.reset();
  expect(bench.log).toEqual([]);
});

test('closing rejects what is pending and answers how much that was', async () => {
  const bench = new Bench();
  const writes = [bench.write(), bench.write()];
  await turns();
  await bench.answer(new TypeError('fetch failed'));
  expect(await bench.driver.drained()).toBe(false);
  expect(bench.driver.close()).toHaveLength(2);
  for (const error of await Promise.all(writes)) {
    expect(error).toBeInstanceOf(FsError);
    expect(error).toMatchObject({ code: 'ECANCELED' });
  }
  expect(bench.driver.close()).toEqual([]);
  expect(() => bench.write()).toThrow('ECANCELED');
});

test('a stream of operations is gathered after each batch, unless somebody waits for the answers', async () => {
  const bench = new Bench(true);
  await bench.stream();
  expect(bench.sent).toEqual([[1]]);
  await bench.answer(true);
  expect(bench.sent).toHaveLength(1);
  void bench.write(true);
  bench.clock.advance(50);
  await turns();
  expect(bench.sent).toEqual([[1], [2, 3, 4, 5, 6, 7, 8, 9]]);
  for (let count = 0; count < 8; count += 1) void bench.write(true);
  await bench.answer(true);
  expect(bench.sent).toHaveLength(2);
  const drained = bench.driver.drained();
  expect(bench.sent[2]).toEqual([10, 11, 12, 13, 14, 15, 16, 17]);
  await bench.answer(true);
  expect(await drained).toBe(true);
});

test('writers who wait for the server are not made to wait for each other', async () => {
  const bench = new Bench();
  for (let count = 1; count <= 20; count += 1) {
    void bench.write();
    await turns();
    bench.clock.advance(1);
    await bench.answer(true);
    expect(bench.sent).toHaveLength(count);
  }
});

test('a clock that is set back holds nothing back', async () => {
  const bench = new Bench(true);
  await bench.stream();
  Object.defineProperty(bench.clock, 'now', { value: () => -3_600_000 });
  await bench.answer(true);
  expect(bench.sent).toEqual([[1], [2, 3, 4, 5, 6, 7, 8]]);
});

test('one by one after a refusal, operations do not wait for more', async () => {
  const bench = new Bench(true);
  for (let count = 0; count < 9; count += 1) void bench.write(true);
  await turns();
  await bench.answer(new MesaApiError('no', { status: 400, code: 'INVALID_REQUEST', body: {} }));
  for (let count = 0; count < 9; count += 1) await bench.answer(true);
  expect(bench.sent.slice(1)).toEqual([[1], [2], [3], [4], [5], [6], [7], [8], [9]]);
});
