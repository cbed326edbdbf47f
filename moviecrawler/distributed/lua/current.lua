-- The crawl of this generation has to be under way. Needs common.lua.
if redis.call('GET', base .. ':current') ~= generation then return redis.error_reply('ENDED') end
