"""What the scripts of the queue have in common.

``KEYS[1]`` is the crawl's base key and ``ARGV[1]`` its generation; all other keys are made of them, in the same hash
slot. Only Redis's own clock counts. An entry is one line, ``m1 SEQUENCE DELIVERIES SCORE SLOT PAYLOAD``: as a member of
a sorted set it stands by its score (the negative priority), and first come, first served within one. ``m1`` is the
version: what another one has written is a dead letter.
"""

ENDED = "ENDED"
"""The error of every script whose crawl is no more."""

CLOCK = """
local base, generation = KEYS[1], ARGV[1]
local crawl = base .. ':' .. generation .. ':'
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local names = {
  'seen', 'slots', 'sequence', 'delayed', 'leases', 'leased', 'workers', 'seeder', 'facts', 'tick', 'buried',
}
"""

CURRENT = (
    CLOCK
    + """
if redis.call('GET', base .. ':current') ~= generation then return redis.error_reply('ENDED') end
"""
)

VERSION = "m1"

ENTRY = f"""
local function parts(entry)
  local sequence, deliveries, score, slot, payload = string.match(entry, '^{VERSION} (%x+) (%d+) (-?%d+) (%S+) (.*)$')
  if sequence and #deliveries < 10 and #score < 10 then return sequence, deliveries, score, slot, payload end
end
local function entry(sequence, deliveries, score, slot, payload)
  return table.concat({{'{VERSION}', sequence, deliveries, score, slot, payload}}, ' ')
end
local function queue(score, slot, entry)
  redis.call('SADD', crawl .. 'slots', slot)
  redis.call('ZADD', crawl .. 'queue:' .. slot, score, entry)
end
local function sequence() return string.format('%012x', redis.call('INCR', crawl .. 'sequence')) end
local function bury(id, reason, entry)
  reason = string.gsub(reason, '\\n', ' ')
  local letter = string.format('%.3f', now) .. '\\n' .. reason .. '\\n' .. entry
  local new = redis.call('HSET', base .. ':dead', generation .. ':' .. id, letter)
  redis.call('EXPIRE', base .. ':dead', 2592000)
  redis.call('INCRBY', crawl .. 'buried', new)
end
local function held_by(lease) return string.match(lease, '^(%S+) (.*)$') end
"""

DISCARD = """
-- Whatever the keys hold. What stays for a day is how many dead letters there were.
local function discard(crawl)
  local dead, slots = redis.pcall('GET', crawl .. 'buried'), redis.pcall('SMEMBERS', crawl .. 'slots')
  for _, slot in ipairs(slots) do redis.call('UNLINK', crawl .. 'queue:' .. slot) end
  for _, name in ipairs(names) do redis.call('UNLINK', crawl .. name) end
  redis.call('SET', crawl .. 'ended', tonumber(dead) or 0, 'EX', 86400)
end
"""

PENDING = """
local function pending(crawl)
  local total = redis.call('ZCARD', crawl .. 'leases') + redis.call('ZCARD', crawl .. 'delayed')
                + redis.call('LLEN', base .. ':inbox')
  for _, slot in ipairs(redis.call('SMEMBERS', crawl .. 'slots')) do
    total = total + redis.call('ZCARD', crawl .. 'queue:' .. slot)
  end
  return total
end
"""
