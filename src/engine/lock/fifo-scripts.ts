import type { RedisScript } from '../../backends/ports.ts';

/*
 * What `fifo` keeps in Redis for each key that is locked:
 *   KEYS[1]  the lock, a string that expires: the run that holds it
 *   KEYS[2]  the queue, a list of tickets
 *   KEYS[3]  the counter of fences and of places in queues, shared by all keys
 * A party is tasks of one node that arrive together. Its ticket is "place size deadline owner id,id…": its place in the
 * order of arrival, the server's time in ms after which none of them waits any more, the node, and the numbers that
 * the node gave them. A run, "fence granted-at owner id,id…", is parties of one node that followed each other in the
 * queue, and the fence of the first task; the others' are the numbers after it. It is known by its "owner id", the
 * first one. A node listens to the channel of its name for "run key".
 * ARGV[1] is the lease in ms, ARGV[2] what the channels' names begin with; the rest is each script's own.
 */
const COMMON = `
local LONGEST_RUN = 64

local function now_ms()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

local function ticket_of(place, size, deadline, owner, ids)
  return place .. ' ' .. size .. ' ' .. deadline .. ' ' .. owner .. ' ' .. ids
end

local function run_of(fence, now, owner, ids) return fence .. ' ' .. now .. ' ' .. owner .. ' ' .. ids end

local function hold(run) redis.call('SET', KEYS[1], run, 'PX', ARGV[1]) end

-- The parties that lead the queue, as long as they are one node's, which knows itself who of them waits no more. Those
-- before them that nobody waits for are dropped.
local function next_run()
  local tickets = redis.call('LRANGE', KEYS[2], 0, LONGEST_RUN - 1)
  if #tickets == 0 then return end
  local now = now_ms()
  local taken, size, owner, ids = 0, 0, nil, {}
  for _, ticket in ipairs(tickets) do
    local more, deadline, whose, party = string.match(ticket, '^%d+ (%d+) (%d+) (%S+) (%S+)$')
    if not owner then
      if tonumber(deadline) > now then owner = whose end
    elseif whose ~= owner or size + more > LONGEST_RUN then
      break
    end
    if owner then
      size = size + more
      ids[#ids + 1] = party
    end
    taken = taken + 1
  end
  redis.call('LTRIM', KEYS[2], taken, -1)
  if not owner then return next_run() end
  local fence = redis.call('INCRBY', KEYS[3], size) - size + 1
  return owner, run_of(fence, now, owner, table.concat(ids, ','))
end

-- Gives the lock to whoever waits longest, and says whether there was one. A node that does not listen is passed over.
local function hand_over()
  local owner, run = next_run()
  if not owner then return false end
  if redis.call('PUBLISH', ARGV[2] .. owner, run .. ' ' .. KEYS[1]) == 0 then return hand_over() end
  hold(run)
  return true
end
`;

/**
 * ARGV[3..7]: owner, longest queue, and of a party that arrives its size, its wait in ms and its ids. Answers {now,
 * place, ticket}: the place is 0 if the party was turned away, as none waits or there is no room; the ticket is ''
 * unless it waits: the lock was free, and the place is the first fence of its run.
 */
export const ENTER: RedisScript = {
  name: 'fifo-enter',
  lua: `${COMMON}
local owner, size, wait, ids = ARGV[3], tonumber(ARGV[5]), tonumber(ARGV[6]), ARGV[7]
local now = now_ms()
local taken = redis.call('EXISTS', KEYS[1]) == 1
if not taken and redis.call('EXISTS', KEYS[2]) == 1 then taken = hand_over() end
if taken and (wait == 0 or redis.call('LLEN', KEYS[2]) >= tonumber(ARGV[4])) then return {now, 0, ''} end
local place = redis.call('INCRBY', KEYS[3], size) - size + 1
if not taken then
  hold(run_of(place, now, owner, ids))
  return {now, place, ''}
end
local ticket = ticket_of(place, size, now + wait, owner, ids)
redis.call('RPUSH', KEYS[2], ticket)
return {now, place, ticket}`,
};

/**
 * ARGV[3..4]: owner and first id of the run; then, if there are tasks in it whose turn has not come, place, size,
 * wait in ms and ids of the party that they make: it leads the queue again. Gives the lock to the next run. Answers 1
 * if this run held the lock, else 0.
 */
export const END_RUN: RedisScript = {
  name: 'fifo-end-run',
  lua: `${COMMON}
if ARGV[5] then
  redis.call('LPUSH', KEYS[2], ticket_of(ARGV[5], ARGV[6], now_ms() + ARGV[7], ARGV[3], ARGV[8]))
end
local run = redis.call('GET', KEYS[1])
local owner, id = string.match(run or '', '^%d+ %d+ (%S+) (%d+)')
if owner == ARGV[3] and id == ARGV[4] then
  if not hand_over() then redis.call('DEL', KEYS[1]) end
  return 1
end
if not run then hand_over() end
return 0`,
};

/** ARGV[3]: ticket of a party, none of whom waits any more. */
export const GIVE_UP: RedisScript = {
  name: 'fifo-give-up',
  lua: `return redis.call('LREM', KEYS[2], 1, ARGV[3])`,
};

/**
 * ARGV[3]: place of a task that waits as far as its node knows. Replaces a run whose lease is over. Answers {the run
 * that holds the lock, or '', and 1 if the place is behind others in the queue or 0 if it is not there}.
 */
export const CHECK: RedisScript = {
  name: 'fifo-check',
  lua: `${COMMON}
if redis.call('EXISTS', KEYS[1]) == 0 then hand_over() end
local first = redis.call('LRANGE', KEYS[2], 0, 0)[1]
local waits = first and tonumber(string.match(first, '^%d+')) <= tonumber(ARGV[3])
return {redis.call('GET', KEYS[1]) or '', waits and 1 or 0}`,
};
