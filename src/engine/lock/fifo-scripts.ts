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

-- The tickets that lead the queue, as long as they are one node's, which knows itself who of them waits no more. Those
-- before them that nobody waits for are dropped.
local function next_run(now)
  local taken, run, owner = 0, {}, nil
  for _, ticket in ipairs(redis.call('LRANGE', KEYS[2], 0, LONGEST_RUN - 1)) do
    if not owner then
      local deadline, whose = string.match(ticket, '^%d+:%d+:(%d+)(:.+)$')
      if tonumber(deadline) > now then owner = whose end
    elseif string.sub(ticket, -#owner) ~= owner then
      break
    end
    if owner then run[#run + 1] = ticket end
    taken = taken + 1
  end
  redis.call('LTRIM', KEYS[2], taken, -1)
  if taken > 0 and not owner then return next_run(now) end
  return owner and string.sub(owner, 2), run
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
 * ARGV[3..4]: owner, longest queue; then id and wait in ms of each who arrives. Answers {now, run, ticket…}: the run is
 * '' unless the lock was free, and so is each ticket that does not wait though the lock is taken.
 */
export const ENTER: RedisScript = {
  name: 'fifo-enter',
  lua: `${COMMON}
local now = now_ms()
local taken = redis.call('EXISTS', KEYS[1]) == 1
if not taken and redis.call('EXISTS', KEYS[2]) == 1 then taken = hand_over(now) end
local arrivals = (#ARGV - 4) / 2
local place = redis.call('INCRBY', KEYS[3], arrivals) - arrivals
local room = taken and tonumber(ARGV[4]) - redis.call('LLEN', KEYS[2]) or arrivals
local answer = {now, ''}
local tickets = {}
for i = 5, #ARGV, 2 do
  local wait = tonumber(ARGV[i + 1])
  local ticket = ''
  if room > 0 and (wait > 0 or not taken) then
    room = room - 1
    place = place + 1
    ticket = ARGV[i] .. ':' .. place .. ':' .. now + wait .. ':' .. ARGV[3]
    tickets[#tickets + 1] = ticket
  end
  answer[#answer + 1] = ticket
end
if #tickets == 0 then return answer end
if taken then
  redis.call('RPUSH', KEYS[2], unpack(tickets))
else
  answer[2] = place - #tickets + 1 .. ' ' .. now .. ' ' .. table.concat(tickets, ',')
  hold(answer[2])
end
return answer`,
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
