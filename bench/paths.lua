-- wrk: request the paths of a file in turn, each connection going on where the last one
-- was, so that no path comes twice before all have come once. $PATHS names the file.
local paths = {}
for line in io.lines(os.getenv("PATHS")) do
  paths[#paths + 1] = line
end
local at = 0
request = function()
  at = at % #paths + 1
  return wrk.format("GET", paths[at])
end
local bad = 0
response = function(status)
  if status ~= 200 then bad = bad + 1 end
end
