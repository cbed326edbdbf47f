-- include: clock
-- Take one request from the rate limit of a source, or pause it: policy.network.rate_limit.RateLimitState, step by step.
-- KEYS: a hash {born, tat, factor, since}; times are seconds since 1970.
-- ARGV: rate, burst, longest pause, pause ('' to take a place), age of the request that brought the pause; then what the
-- worker knew last: born ('' for nothing), tat, factor, since (in seconds from now). A server that has lost its memory
-- makes a new hash with another birth, and the first call of each worker brings what was used up and the pause back.
-- Constants: MIN_FACTOR, ARRIVAL_JITTER, MAX_MARGIN, GROWTH, DECREASE.
-- Returns {wait, born, tat, factor, since}, the times in seconds from now; the place is taken when wait <= 0.
local rate, burst, longest = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local pause, age = tonumber(ARGV[4]), tonumber(ARGV[5])

local function number(text, default)
  local found = tonumber(text)
  return found and found == found and found or default
end
local function exactly(number) return string.format('%.17g', number) end

local kept = redis.call('HMGET', KEYS[1], 'born', 'tat', 'factor', 'since')
local born = kept[1] or exactly(now)
local tat, factor, since = number(kept[2], 0), number(kept[3], 1), number(kept[4], 0)
if ARGV[6] ~= '' and ARGV[6] ~= born then
  tat = math.max(tat, now + tonumber(ARGV[7]))
  if now + tonumber(ARGV[9]) > since then factor, since = tonumber(ARGV[8]), now + tonumber(ARGV[9]) end
end
factor = math.max(MIN_FACTOR, math.min(1, factor))

local function share(factor)
  local interval = 1 / (rate * factor)
  local margin = math.min(interval + ARRIVAL_JITTER, MAX_MARGIN)
  return interval, math.max(0, (math.max(1, burst * factor) - 1) * interval - margin)
end
local function factor_now()
  return tonumber(string.format('%.9f', math.min(1, factor + GROWTH * math.max(0, now - since))))
end

if since > now + longest then since = now end
local interval, tolerance = share(factor_now())
local used_up = now + tolerance + interval
if tat > used_up + longest then tat = used_up end

local wait = tat - tolerance - now
if pause then
  if now - age <= since then
    since = math.max(since, now + pause)
  else
    factor, since = math.max(MIN_FACTOR, factor_now() * DECREASE), now + pause
  end
  interval, tolerance = share(factor)
  tat = math.max(tat, now + pause + tolerance)
elseif wait <= 0 then
  tat = math.max(tat, now) + interval
end
redis.call('HSET', KEYS[1], 'born', born, 'tat', exactly(tat), 'factor', exactly(factor), 'since', exactly(since))
return {exactly(wait), born, exactly(tat - now), exactly(factor), exactly(since - now)}
