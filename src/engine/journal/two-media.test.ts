import { describe, expect, test } from 'vitest';
import type { LogMedium } from './medium.ts';
import { JournalError } from './medium.ts';
import { memoryDevice } from './memory.ts';
import { TwoMedia } from './two-media.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Two media, of which the second can fail. */
async function bench(moves = false): Promise<{ media: TwoMedia; first: LogMedium; second: LogMedium; broken: { is: boolean } }> {
  const broken = { is: false };
  const medium = (): Promise<LogMedium> => memoryDevice({ durable: true }).engine().logs('scope');
  const [first, second] = await Promise.all([medium(), medium()]);
  const names = second.names.bind(second);
  second.names = async () => {
    if (broken.is) throw new JournalError('IO', 'the connection was lost');
    return names();
  };
  return { media: new TwoMedia(first, second, moves), first, second, broken };
}

async function make(medium: LogMedium, name: string, text: string): Promise<void> {
  const log = await medium.open(name);
  await log.append([bytes(text)]);
  await log.close();
}

test('a log stays where it was made, and a new one is made in the first', async () => {
  const { media, first, second } = await bench();
  await make(second, 'old', 'kept');
  await make(media, 'new', 'made');
  expect((await media.names()).toSorted()).toEqual(['new', 'old']);
  expect([await first.names(), await second.names()]).toEqual([['new'], ['old']]);
  expect(await media.read('old')).toEqual([bytes('kept')]);
  await media.remove('old');
  expect(await media.names()).toEqual(['new']);
});

test('what cannot be found for a moment is not taken for empty, and a new log can be made nevertheless', async () => {
  const { media, second, broken } = await bench();
  await make(second, 'old', 'kept');
  broken.is = true;
  await expect(media.read('old')).rejects.toMatchObject({ code: 'IO' });
  await expect(media.remove('old')).rejects.toMatchObject({ code: 'IO' });
  await make(media, 'new', 'made');
  await expect(media.names()).rejects.toMatchObject({ code: 'IO', names: ['new'] });
  broken.is = false;
  expect(await media.read('old')).toEqual([bytes('kept')]);
  broken.is = true;
  // It is where it was found.
  await make(media, 'old', 'more');
  broken.is = false;
  expect(await second.read('old')).toEqual([bytes('kept'), bytes('more')]);
});

describe('one that takes over what it opens', () => {
  test('has it in the first from then on', async () => {
    const { media, first, second } = await bench(true);
    await make(second, 'old', 'kept');
    await make(media, 'old', 'more');
    expect([await first.names(), await second.names()]).toEqual([['old'], []]);
    expect(await media.read('old')).toEqual([bytes('kept'), bytes('more')]);
  });

  test('goes on with a move that the page did not live to end', async () => {
    const { media, first, second } = await bench(true);
    await make(second, 'old', 'kept');
    await (await first.open('old')).close();
    expect(await first.names()).toEqual(['old']);
    expect(await media.read('old')).toEqual([bytes('kept')]);
    await make(media, 'old', 'more');
    expect(await media.read('old')).toEqual([bytes('kept'), bytes('more')]);
    expect(await second.names()).toEqual([]);
  });

  test('removes what it could not remove when it was taken over', async () => {
    const { media, second, first } = await bench(true);
    await make(second, 'old', 'kept');
    const remove = second.remove.bind(second);
    second.remove = () => Promise.reject(new JournalError('IO', 'not now'));
    await make(media, 'old', 'more');
    expect(await second.names()).toEqual(['old']);
    second.remove = remove;
    await media.remove('old');
    expect([await first.names(), await second.names()]).toEqual([[], []]);
  });
});
