import { VIRTUAL_ROOT_CHANGE_ID } from '../../base/ids.ts';
import { ApiError, quote } from '../../wire/errors.ts';
import type { LiveEvent, LongPoll } from '../../wire/events.ts';
import { parseRoom } from '../../wire/events.ts';
import { LIMITS } from '../../wire/limits.ts';
import type { Principal } from '../auth/principal.ts';
import type { Backend, Routes } from '../backend.ts';
import { access, findRepo, reachedRepo } from '../backend.ts';
import type { Cursor } from '../events/cursor.ts';
import { decodeCursor } from '../events/cursor.ts';
import type { Delivery, Rooms } from '../events/hub.ts';
import { roomKey } from '../events/hub.ts';

/** The longest a poll may wait, in seconds. */
const MAX_WAIT = 55;
/** Milliseconds after which rooms that were left out are looked for again: the stream ends then. */
const LEFT_OUT = 60_000;

/** `GET /{org}/-/events`: one stream of server-sent events for all rooms of a client, or one long-poll. */
export const eventRoutes: Routes = (router, backend) => {
  router.get('/:org/-/events', async (context) => {
    const principal = access(context, 'read');
    const { rooms, leftOut } = await readRooms(backend, principal, context.req.queries('room') ?? []);
    const cursor = readCursor(context.req.queries('cursor') ?? [], context.req.header('last-event-id'));
    const { keyId } = principal;
    const expiresAt = leftOut ? Math.min(principal.expiresAt ?? Infinity, backend.env.clock.now() + LEFT_OUT) : principal.expiresAt;
    const request = {
      rooms,
      cursor: leftOut ? known(cursor, rooms) : cursor,
      expiresAt,
      keyId,
      objects: context.req.query('objects') === '1',
      signal: context.req.raw.signal,
    };
    const wait = context.req.query('wait');
    if (wait !== undefined) {
      const seconds = Number(wait);
      if (!(seconds >= 0 && seconds <= MAX_WAIT))
        throw new ApiError('INVALID_REQUEST', `wait=${quote(wait)} is not a number of seconds from 0 to ${MAX_WAIT}.`);
      const answer = await backend.streams.poll(request, seconds * 1000);
      const poll: LongPoll = { events: answer.deliveries.map(toEvent), cursor: answer.cursor };
      return context.json(poll);
    }
    return new Response(await backend.streams.open(request), {
      headers: { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store, no-transform', 'X-Accel-Buffering': 'no' },
    });
  });
};

/** Reads the rooms. Those of repos that are not there or not reached are left out, unless all are: they must not silence the others. */
async function readRooms(backend: Backend, principal: Principal, texts: readonly string[]): Promise<{ rooms: Rooms; leftOut: boolean }> {
  if (texts.length === 0 || texts.length > LIMITS.maxRooms) {
    throw new ApiError('INVALID_REQUEST', `${texts.length} rooms; name 1 to ${LIMITS.maxRooms} as room={repo}/{change} or room={repo}@{bookmark}.`);
  }
  const rooms = new Map<string, Set<string>>();
  let absent: string | null = null;
  for (const text of texts) {
    const room = parseRoom(text);
    if (room === null || ('change' in room && room.change === VIRTUAL_ROOT_CHANGE_ID)) {
      throw new ApiError('INVALID_REQUEST', `${quote(text)} is not a room; write {repo}/{change} or {repo}@{bookmark}.`);
    }
    const repo = await reachedRepo(backend, principal, room.repo);
    if (repo === null) absent ??= room.repo;
    else rooms.set(repo.id, (rooms.get(repo.id) ?? new Set()).add('change' in room ? roomKey('change', room.change) : roomKey('bookmark', room.bookmark)));
  }
  if (absent !== null && rooms.size === 0) await findRepo(backend, principal, absent);
  return { rooms, leftOut: absent !== null };
}

/** Whoever was in a room that is left out now is told to open anew, once: the cursor that comes with that no longer names its repo. */
function known(cursor: Cursor | null, rooms: Rooms): Cursor | null {
  return cursor !== null && [...cursor.seqs.keys()].some((repo) => !rooms.has(repo)) ? { ...cursor, epoch: '' } : cursor;
}

/**
 * Reads where to go on from. Several cursors, from several opens, are taken together: of each repo the earliest, since hearing of something twice
 * does no harm. One that cannot be read is like one of another epoch: the stream begins with `reset`.
 */
function readCursor(texts: readonly string[], lastEventId: string | undefined): Cursor | null {
  const given = lastEventId === undefined || lastEventId === '' ? texts.filter((text) => text !== '') : [lastEventId];
  if (given.length === 0) return null;
  const seqs = new Map<string, number>();
  const epochs = new Set<string>();
  for (const text of given) {
    const cursor = decodeCursor(text);
    epochs.add(cursor?.epoch ?? '');
    for (const [repo, seq] of cursor?.seqs ?? []) seqs.set(repo, Math.min(seq, seqs.get(repo) ?? seq));
  }
  const [epoch = ''] = epochs;
  return { epoch: epochs.size === 1 ? epoch : '', seqs };
}

function toEvent({ event, id, data }: Delivery): LiveEvent {
  return { event, id, data: JSON.parse(data) as unknown } as LiveEvent;
}
