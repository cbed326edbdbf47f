"""What happens to a crawl's queue in Redis, each step in one script: nothing is ever half done, or in two places.

``KEYS[1]`` is the crawl's base key and ``ARGV[1]`` its generation; all other keys are made of them, in the same hash
slot. Only Redis's own clock counts. An entry is one line, ``m1 SEQUENCE DELIVERIES SCORE SLOT PAYLOAD``: as a member of
a sorted set it stands by its score (the negative priority), and first come, first served within one.
"""

VERSION = "m1"
"""Of the entries; what another version has written is a dead letter."""

ENDED = "ENDED"
"""The error of every script whose crawl is no more."""

_CLOCK = """
local base, generation = KEYS[1], ARGV[1]
local crawl = base .. ':' .. generation .. ':'
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
"""

_CURRENT = (
    _CLOCK
    + """
if redis.call('GET', base .. ':current') ~= generation then return redis.error_reply('ENDED') end
"""
)

_ENTRY = """
local function parts(entry) return string.match(entry, '^m1 (%x+) (%d+) (-?%d+) (%S+) (.*)$') end
local function entry(sequence, deliveries, score, slot, payload)
  return table.concat({'m1', sequence, deliveries, score, slot, payload}, ' ')
end
local function queue(score, slot, entry)
  redis.call('ZADD', crawl .. 'queue:' .. slot, score, entry)
  redis.call('SADD', crawl .. 'slots', slot)
end
local function sequence() return string.format('%012x', redis.call('INCR', crawl .. 'sequence')) end
local function bury(id, reason, entry)
  reason = string.gsub(reason, '\\n', ' ')
  redis.call('HSET', base .. ':dead', id, string.format('%.3f', now) .. '\\n' .. reason .. '\\n' .. entry)
  redis.call('EXPIRE', base .. ':dead', 2592000)
end
local function held_by(lease) return string.match(lease, '^(%S+) (.*)$') end
"""

_DISCARD = """
local function discard(crawl)
  for _, slot in ipairs(redis.call('SMEMBERS', crawl .. 'slots')) do redis.call('UNLINK', crawl .. 'queue:' .. slot) end
  for _, name in ipairs({'seen', 'slots', 'sequence', 'delayed', 'leases', 'leased', 'workers', 'seeder', 'facts',
                         'tick'}) do redis.call('UNLINK', crawl .. name) end
  redis.call('SET', crawl .. 'ended', 1, 'EX', 86400)
end
"""

_PENDING = """
local function pending(crawl)
  local total = redis.call('ZCARD', crawl .. 'leases') + redis.call('ZCARD', crawl .. 'delayed')
                + redis.call('LLEN', base .. ':inbox')
  for _, slot in ipairs(redis.call('SMEMBERS', crawl .. 'slots')) do
    total = total + redis.call('ZCARD', crawl .. 'queue:' .. slot)
  end
  return total
end
"""

JOIN = (
    _CLOCK
    + _DISCARD
    + _PENDING
    + """
-- ARGV: '', worker, lease, facts. Returns {generation, begun, left by workers that are no more, facts}.
local left = 0
local current = redis.call('GET', base .. ':current')
if current then
  local running = base .. ':' .. current .. ':'
  redis.call('ZREMRANGEBYSCORE', running .. 'workers', '-inf', now)
  if redis.call('ZCARD', running .. 'workers') == 0 then
    left = pending(running)
    discard(running)
    current = false
  elseif redis.call('GET', running .. 'seeder') == 'done' and pending(running) == 0 then
    current = false  -- its workers are just leaving
  end
end
local begun = current == false
if begun then
  current = string.format('%.0f', time[1] * 1000000 + time[2])
  redis.call('SET', base .. ':current', current)
  redis.call('SET', base .. ':' .. current .. ':facts', ARGV[4])
end
redis.call('ZADD', base .. ':' .. current .. ':workers', now + ARGV[3], ARGV[2])
return {current, begun and 1 or 0, left, redis.call('GET', base .. ':' .. current .. ':facts')}
"""
)

BEAT = (
    _CURRENT
    + """
-- ARGV: generation, worker, lease. A worker lives; what nobody has cared for in a week goes away by itself.
redis.call('ZADD', crawl .. 'workers', now + ARGV[3], ARGV[2])
redis.call('ZREMRANGEBYSCORE', crawl .. 'workers', '-inf', now)
for _, slot in ipairs(redis.call('SMEMBERS', crawl .. 'slots')) do
  redis.call('EXPIRE', crawl .. 'queue:' .. slot, 604800)
end
for _, name in ipairs({'seen', 'slots', 'sequence', 'delayed', 'leases', 'leased', 'workers', 'seeder', 'facts',
                       'tick'}) do redis.call('EXPIRE', crawl .. name, 604800) end
redis.call('EXPIRE', base .. ':current', 604800)
return redis.call('ZCARD', crawl .. 'workers')
"""
)

SEAT = (
    _CURRENT
    + """
-- ARGV: generation, worker. Returns 'mine', 'taken' or 'done'; the seat of a worker that is no more is free.
local seeder = redis.call('GET', crawl .. 'seeder')
if seeder == 'done' then return 'done' end
if seeder and seeder ~= ARGV[2] then
  local until_ = redis.call('ZSCORE', crawl .. 'workers', seeder)
  if until_ and tonumber(until_) > now then return 'taken' end
end
redis.call('SET', crawl .. 'seeder', ARGV[2])
return 'mine'
"""
)

SEEDED = (
    _CURRENT
    + """
-- ARGV: generation, worker. Its start() and all that only it can ask for have come to an end.
if redis.call('GET', crawl .. 'seeder') ~= ARGV[2] then return 0 end
redis.call('SET', crawl .. 'seeder', 'done')
return 1
"""
)

PUSH = (
    _CURRENT
    + _ENTRY
    + """
-- ARGV: generation, then (once, slot, score, delay, payload) per request. Returns how many had been seen.
local seen = 0
for i = 2, #ARGV, 5 do
  local once, slot, score, delay, payload = unpack(ARGV, i, i + 4)
  if once ~= '' and redis.call('SADD', crawl .. 'seen', once) == 0 then
    seen = seen + 1
  else
    local new = entry(sequence(), 0, score, slot, payload)
    if tonumber(delay) > 0 then redis.call('ZADD', crawl .. 'delayed', now + delay, new)
    else queue(score, slot, new) end
  end
end
return seen
"""
)

POP = (
    _CURRENT
    + _ENTRY
    + """
-- ARGV: generation, worker, lease, most, number of ids, ids that are done, then (slot, most of it) in the order of
-- preference. One round trip per request: the last one is acknowledged when the next one is leased. Returns entries.
local found, left, done = {}, tonumber(ARGV[4]), tonumber(ARGV[5])
if done > 0 then
  redis.call('ZREM', crawl .. 'leases', unpack(ARGV, 6, 5 + done))
  redis.call('HDEL', crawl .. 'leased', unpack(ARGV, 6, 5 + done))
end
for i = 6 + done, #ARGV, 2 do
  if left < 1 then break end
  local popped = redis.call('ZPOPMIN', crawl .. 'queue:' .. ARGV[i], math.min(left, ARGV[i + 1]))
  for j = 1, #popped, 2 do
    local sequence, deliveries, score, slot, payload = parts(popped[j])
    if sequence then
      local new = entry(sequence, deliveries + 1, score, slot, payload)
      redis.call('ZADD', crawl .. 'leases', now + ARGV[3], sequence)
      redis.call('HSET', crawl .. 'leased', sequence, ARGV[2] .. ' ' .. new)
      found[#found + 1] = new
      left = left - 1
    else
      bury(redis.sha1hex(popped[j]), 'no entry of this version', popped[j])
    end
  end
end
return found
"""
)

ACK = (
    _CURRENT
    + """
-- ARGV: generation, ids. They are done, whoever holds them by now.
redis.call('ZREM', crawl .. 'leases', unpack(ARGV, 2))
return redis.call('HDEL', crawl .. 'leased', unpack(ARGV, 2))
"""
)

RENEW = (
    _CURRENT
    + _ENTRY
    + """
-- ARGV: generation, worker, lease, ids. Returns how many of them are still the worker's.
local kept = 0
for i = 4, #ARGV do
  local lease = redis.call('HGET', crawl .. 'leased', ARGV[i])
  if lease and held_by(lease) == ARGV[2] then
    redis.call('ZADD', crawl .. 'leases', now + ARGV[3], ARGV[i])
    kept = kept + 1
  end
end
return kept
"""
)

GIVE_BACK = (
    _CURRENT
    + _ENTRY
    + """
-- ARGV: generation, worker, deliveries to forget (0 or 1), most deliveries, reason, ids. Returns {queued, dead}.
local queued, dead = 0, 0
for i = 6, #ARGV do
  local lease = redis.call('HGET', crawl .. 'leased', ARGV[i])
  local worker, held = held_by(lease or '')
  if worker == ARGV[2] then
    local sequence, deliveries, score, slot, payload = parts(held)
    redis.call('ZREM', crawl .. 'leases', ARGV[i])
    redis.call('HDEL', crawl .. 'leased', ARGV[i])
    local counted = deliveries - ARGV[3]
    if counted >= tonumber(ARGV[4]) then
      bury(sequence, ARGV[5], held)
      dead = dead + 1
    else
      queue(score, slot, entry(sequence, string.format('%d', counted), score, slot, payload))
      queued = queued + 1
    end
  end
end
return {queued, dead}
"""
)

BURY = (
    _CURRENT
    + _ENTRY
    + """
-- ARGV: generation, reason, id. What is leased and cannot be read.
local _, held = held_by(redis.call('HGET', crawl .. 'leased', ARGV[3]) or '')
if not held then return 0 end
redis.call('ZREM', crawl .. 'leases', ARGV[3])
redis.call('HDEL', crawl .. 'leased', ARGV[3])
bury(ARGV[3], ARGV[2], held)
return 1
"""
)

LAPSE = (
    _CURRENT
    + _ENTRY
    + """
-- ARGV: generation, lease, most deliveries. Leases of workers that are no more. Returns {queued, dead}.
local last = redis.call('GET', crawl .. 'tick')
redis.call('SET', crawl .. 'tick', string.format('%.6f', now))
if last and now - last > ARGV[2] / 2 then
  -- Redis itself was away, and nobody could renew: all get a new term.
  for _, key in ipairs({'leases', 'workers'}) do
    for _, member in ipairs(redis.call('ZRANGE', crawl .. key, 0, -1)) do
      redis.call('ZADD', crawl .. key, now + ARGV[2], member)
    end
  end
  return {0, 0}
end
local queued, dead = 0, 0
for _, id in ipairs(redis.call('ZRANGEBYSCORE', crawl .. 'leases', '-inf', now, 'LIMIT', 0, 100)) do
  local _, held = held_by(redis.call('HGET', crawl .. 'leased', id) or '')
  redis.call('ZREM', crawl .. 'leases', id)
  redis.call('HDEL', crawl .. 'leased', id)
  if held then
    local _, deliveries, score, slot = parts(held)
    if tonumber(deliveries) >= tonumber(ARGV[3]) then
      bury(id, 'delivered ' .. deliveries .. ' times, and each time the worker was lost', held)
      dead = dead + 1
    else
      queue(score, slot, held)
      queued = queued + 1
    end
  end
end
return {queued, dead}
"""
)

WAKE = (
    _CURRENT
    + _ENTRY
    + """
-- ARGV: generation. What had to wait until now goes into its queue.
local due = redis.call('ZRANGEBYSCORE', crawl .. 'delayed', '-inf', now, 'LIMIT', 0, 500)
for _, waiting in ipairs(due) do
  redis.call('ZREM', crawl .. 'delayed', waiting)
  local sequence, _, score, slot = parts(waiting)
  if sequence then queue(score, slot, waiting)
  else bury(redis.sha1hex(waiting), 'no entry of this version', waiting) end
end
return #due
"""
)

TAKE_IN = (
    _CURRENT
    + _ENTRY
    + """
-- ARGV: generation. What people have handed in ('SCORE SLOT PAYLOAD') goes into its queue.
local taken = 0
while taken < 500 do
  local given = redis.call('LPOP', base .. ':inbox')
  if not given then break end
  local score, slot, payload = string.match(given, '^(-?%d+) (%S+) (.*)$')
  if score then queue(score, slot, entry(sequence(), 0, score, slot, payload))
  else bury(redis.sha1hex(given), 'no request', given) end
  taken = taken + 1
end
return taken
"""
)

RETRY_DEAD = (
    _CLOCK
    + _ENTRY
    + """
-- ARGV: ''. Dead letters are handed in again; what is no entry stays where it is. Returns how many.
local count = 0
local all = redis.call('HGETALL', base .. ':dead')
for i = 1, #all, 2 do
  local letter = string.match(all[i + 1], '^[^\\n]*\\n[^\\n]*\\n(.*)$')
  local sequence, _, score, slot, payload = parts(letter or '')
  if sequence then
    redis.call('RPUSH', base .. ':inbox', score .. ' ' .. slot .. ' ' .. payload)
    redis.call('HDEL', base .. ':dead', all[i])
    count = count + 1
  end
end
return count
"""
)

COUNT = (
    _CURRENT
    + """
-- ARGV: generation. Returns {leased, delayed, handed in, seen, workers, seeder, slot, its length, ...}.
redis.call('ZREMRANGEBYSCORE', crawl .. 'workers', '-inf', now)
local counts = {
  redis.call('ZCARD', crawl .. 'leases'), redis.call('ZCARD', crawl .. 'delayed'),
  redis.call('LLEN', base .. ':inbox'), redis.call('SCARD', crawl .. 'seen'),
  redis.call('ZCARD', crawl .. 'workers'), redis.call('GET', crawl .. 'seeder') or '',
}
for _, slot in ipairs(redis.call('SMEMBERS', crawl .. 'slots')) do
  counts[#counts + 1] = slot
  counts[#counts + 1] = redis.call('ZCARD', crawl .. 'queue:' .. slot)
end
return counts
"""
)

CLEAR = (
    _CLOCK
    + _DISCARD
    + """
-- ARGV: ''. Everything of the crawl goes, dead letters included; its workers end.
local current = redis.call('GET', base .. ':current')
if current then discard(base .. ':' .. current .. ':') end
redis.call('DEL', base .. ':current')
redis.call('UNLINK', base .. ':dead')
return redis.call('UNLINK', base .. ':inbox')
"""
)

LEAVE = (
    _CLOCK
    + _DISCARD
    + """
-- ARGV: generation, worker. The last one to leave takes everything away. Returns the number of others.
redis.call('ZREM', crawl .. 'workers', ARGV[2])
if redis.call('GET', crawl .. 'seeder') == ARGV[2] then redis.call('DEL', crawl .. 'seeder') end
redis.call('ZREMRANGEBYSCORE', crawl .. 'workers', '-inf', now)
local others = redis.call('ZCARD', crawl .. 'workers')
if others == 0 then
  discard(crawl)
  if redis.call('GET', base .. ':current') == generation then redis.call('DEL', base .. ':current') end
end
return others
"""
)
