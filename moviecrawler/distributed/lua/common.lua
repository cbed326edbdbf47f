-- What the scripts of the queue have in common. Needs clock.lua and the constant ENTRY_VERSION.
--
-- KEYS[1] is the base key of the crawl and ARGV[1] its generation; all other keys are made of the two, in the same hash
-- slot. Keys of the base: current (the generation), inbox (titles handed in), dead (dead letters). Keys of a generation:
--   queue:SLOT  sorted set of entries by score       seen      set of dedup keys
--   slots       set of the slots that have a queue   sequence  number of the last entry
--   delayed     sorted set of entries by due time    workers   sorted set of workers by the end of their lease
--   leases      sorted set of ids by end of lease    seeder    a worker, or 'done'
--   leased      id -> 'WORKER ENTRY'                 facts     JSON on which all workers have to agree
--   checked_at  when leases were looked at last      dead_count
--   ended       what stays for a day: the number of dead letters
--
-- An entry is one line, 'VERSION SEQUENCE DELIVERIES SCORE SLOT PAYLOAD': as a member of a sorted set it stands by its
-- score (the negative priority), and within one score in the order of arrival. What another version has written becomes
-- a dead letter.
--
-- Redis rolls nothing back when a script fails half-way (a key of another type, a right that was taken away). So every
-- script writes an entry to its new place before it removes it from the old one: it may be done twice, but never lost.
local base, generation = KEYS[1], ARGV[1]
local crawl = base .. ':' .. generation .. ':'
local names = {
  'seen', 'slots', 'sequence', 'delayed', 'leases', 'leased', 'workers', 'seeder', 'facts', 'checked_at', 'dead_count',
  'tick', 'buried',  -- of version m1
}
local entry_pattern = '^' .. ENTRY_VERSION .. ' (%x+) (%d+) (-?%d+) (%S+) (.*)$'
local OTHER_VERSION = 'no entry of this version'

-- sequence, deliveries, score, slot, payload; nil for what is no entry of this version.
local function parse_entry(entry)
  local sequence, deliveries, score, slot, payload = string.match(entry, entry_pattern)
  if sequence and #deliveries < 10 and #score < 10 then return sequence, deliveries, score, slot, payload end
end

local function format_entry(sequence, deliveries, score, slot, payload)
  return table.concat({ENTRY_VERSION, sequence, deliveries, score, slot, payload}, ' ')
end

-- worker, entry; nil for what is none.
local function parse_lease(lease) return string.match(lease, '^(%S+) (.*)$') end

local function next_sequence() return string.format('%012x', redis.call('INCR', crawl .. 'sequence')) end

local function enqueue(score, slot, entry)
  redis.call('SADD', crawl .. 'slots', slot)
  redis.call('ZADD', crawl .. 'queue:' .. slot, score, entry)
end

-- A dead letter is 'TIME\nREASON\nENTRY', kept for 30 days.
local function add_dead_letter(id, reason, entry)
  reason = string.gsub(reason, '\n', ' ')
  local letter = string.format('%.3f', now) .. '\n' .. reason .. '\n' .. entry
  local added = redis.call('HSET', base .. ':dead', generation .. ':' .. id, letter)
  redis.call('EXPIRE', base .. ':dead', 2592000)
  redis.call('INCRBY', crawl .. 'dead_count', added)
end

-- How many requests of a generation (its prefix) are not done, titles handed in included.
local function pending(prefix)
  local total = redis.call('ZCARD', prefix .. 'leases') + redis.call('ZCARD', prefix .. 'delayed')
                + redis.call('LLEN', base .. ':inbox')
  for _, slot in ipairs(redis.call('SMEMBERS', prefix .. 'slots')) do
    total = total + redis.call('ZCARD', prefix .. 'queue:' .. slot)
  end
  return total
end

-- Delete a generation (its prefix), whatever types its keys have, but for the number of its dead letters.
local function discard(prefix)
  local dead = tonumber(redis.pcall('GET', prefix .. 'dead_count'))
               or tonumber(redis.pcall('GET', prefix .. 'buried')) or 0
  local slots = redis.pcall('SMEMBERS', prefix .. 'slots')
  for _, slot in ipairs(slots) do redis.call('UNLINK', prefix .. 'queue:' .. slot) end
  for _, name in ipairs(names) do redis.call('UNLINK', prefix .. name) end
  redis.call('SET', prefix .. 'ended', dead, 'EX', 86400)
end
