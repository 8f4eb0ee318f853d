-- Asks for the addresses of a file, and counts the answers by status; for wrk.
--
-- A line of the file is an address, and behind a space the ETag that is known, if any.
-- Lines up to the first empty one are popular: each other request is for one of them.

local threads = {}

function setup(thread)
  table.insert(threads, thread)
  thread:set("thread_idx", #threads)
end

function init(args)
  popular, others = {}, {}
  local list = popular
  for line in io.lines(args[1]) do
    local path, etag = line:match("^(%S+) ?(.*)$")
    if path then
      local headers = {}
      if etag ~= "" then headers["If-None-Match"] = etag end
      table.insert(list, wrk.format("GET", path, headers))
    else
      list = others
    end
  end
  math.randomseed(thread_idx)
  n_200, n_304, n_503, n_other = 0, 0, 0, 0
end

function request()
  local list = math.random() < 0.5 and popular or others
  return list[math.random(#list)]
end

function response(status)
  if status == 200 then
    n_200 = n_200 + 1
  elseif status == 304 then
    n_304 = n_304 + 1
  elseif status == 503 then
    n_503 = n_503 + 1
  else
    n_other = n_other + 1
  end
end

function done(summary, latency)
  local sums = {}
  for _, name in ipairs({ "n_200", "n_304", "n_503", "n_other" }) do
    sums[name] = 0
    for _, thread in ipairs(threads) do
      sums[name] = sums[name] + (thread:get(name) or 0)
    end
  end
  local errors = summary.errors
  io.write(string.format(
    'RESULT {"n_200":%d,"n_304":%d,"n_503":%d,"n_other":%d,"n_errors":%d,'
      .. '"elapsed_us":%d,"p50_us":%d,"p99_us":%d}\n',
    sums.n_200, sums.n_304, sums.n_503, sums.n_other,
    errors.connect + errors.read + errors.write + errors.timeout,
    summary.duration, latency:percentile(50), latency:percentile(99)))
end
