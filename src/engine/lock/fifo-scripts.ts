import type { RedisScript } from '../../backends/ports.ts';

/*
 * What `fifo` keeps in Redis for each key that is locked:
 *   KEYS[1]  the lock, a string that expires: the run that holds it
 *   KEYS[2]  the queue, a list of the tickets that wait
 *   KEYS[3]  the counter of fences and of places in queues, shared by all keys
 * A ticket is "id:place:deadline:owner": the number its node gave it, its place in the order of arrival, the server's
 * time in ms after which nobody waits for it any more, and the node. A run, "fence granted-at ticket,ticket…", is the
 * tickets of one node that followed each other in the queue, and the fence of the first; the others' are the numbers
 * after it. It is known by its first ticket. A node listens to the channel of its name for "run key".
 * ARGV[1] is the lease in ms, ARGV[2] what the channels' names begin with; the rest is each script's own.
 */
const COMMON = `
local LONGEST_RUN = 64

local function now_ms()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

local function place_of(ticket) return tonumber(string.match(ticket, '^%d+:(%d+)')) end

local function hold(run) redis.call('SET', KEYS[1], run, 'PX', ARGV[1]) end

-- The tickets that lead the queue, as long as they are one node's. Those that nobody waits for are dropped.
local function next_run(now)
  local owner
  local run = {}
  while #run < LONGEST_RUN do
    local ticket = redis.call('LPOP', KEYS[2])
    if not ticket then break end
    local deadline, whose = string.match(ticket, '^%d+:%d+:(%d+):(.+)$')
    if tonumber(deadline) > now then
      if owner and whose ~= owner then
        redis.call('LPUSH', KEYS[2], ticket)
        break
      end
      owner = whose
      run[#run + 1] = ticket
    end
  end
  return owner, run
end

-- Gives the lock to whoever waits longest, and says whether there was one. A node that does not listen is passed over.
local function hand_over(now)
  local owner, tickets = next_run(now)
  if not owner then return false end
  local fence = redis.call('INCRBY', KEYS[3], #tickets) - #tickets + 1
  local run = fence .. ' ' .. now .. ' ' .. table.concat(tickets, ',')
  if redis.call('PUBLISH', ARGV[2] .. owner, run .. ' ' .. KEYS[1]) == 0 then return hand_over(now) end
  hold(run)
  return true
end
`;

/**
 * ARGV[3..6]: owner, id, wait in ms, longest queue. Answers {now, ticket, run} when the lock was free, {now, ticket}
 * when the ticket waits, {now} when the lock is taken and nothing waits.
 */
export const ENTER: RedisScript = {
  name: 'fifo-enter',
  lua: `${COMMON}
local now = now_ms()
local taken = redis.call('EXISTS', KEYS[1]) == 1
if not taken and redis.call('EXISTS', KEYS[2]) == 1 then taken = hand_over(now) end
local wait = tonumber(ARGV[5])
if taken and (wait == 0 or redis.call('LLEN', KEYS[2]) >= tonumber(ARGV[6])) then return {now} end
local place = redis.call('INCR', KEYS[3])
local ticket = ARGV[4] .. ':' .. place .. ':' .. now + wait .. ':' .. ARGV[3]
if taken then
  redis.call('RPUSH', KEYS[2], ticket)
  return {now, ticket}
end
local run = place .. ' ' .. now .. ' ' .. ticket
hold(run)
return {now, ticket, run}`,
};

/**
 * ARGV[3]: first ticket of the run; then those of its tickets whose turn has not come, which lead the queue again.
 * Gives the lock to the next run. Answers 1 if this run held the lock, else 0.
 */
export const END_RUN: RedisScript = {
  name: 'fifo-end-run',
  lua: `${COMMON}
for i = #ARGV, 4, -1 do redis.call('LPUSH', KEYS[2], ARGV[i]) end
local run = redis.call('GET', KEYS[1])
if run and string.match(run, '^%d+ %d+ ([^,]+)') == ARGV[3] then
  if not hand_over(now_ms()) then redis.call('DEL', KEYS[1]) end
  return 1
end
if not run then hand_over(now_ms()) end
return 0`,
};

/** ARGV[3]: ticket, which waits no more. */
export const GIVE_UP: RedisScript = {
  name: 'fifo-give-up',
  lua: `return redis.call('LREM', KEYS[2], 1, ARGV[3])`,
};

/**
 * ARGV[3]: ticket, which waits as far as its node knows. Replaces a run whose lease is over. Answers {the run that
 * holds the lock, or '', and 1 if the ticket is behind others in the queue or 0 if it is not there}.
 */
export const CHECK: RedisScript = {
  name: 'fifo-check',
  lua: `${COMMON}
if redis.call('EXISTS', KEYS[1]) == 0 then hand_over(now_ms()) end
local first = redis.call('LRANGE', KEYS[2], 0, 0)[1]
local waits = first and place_of(first) <= place_of(ARGV[3])
return {redis.call('GET', KEYS[1]) or '', waits and 1 or 0}`,
};
