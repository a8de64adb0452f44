# Says where a test run hangs: what its asynchronous methods wait for and what its threads do. Sourced by test.sh.

# A process that does not end cannot be looked at once it was stopped: after $3 seconds the child of process $1 is looked at. Writes $2.
watch_for_hang() {
  local parent=$1 report=$2 seconds=$3 tools=$PWD/artifacts/tools child dump
  for ((; seconds > 0; seconds--)); do
    sleep 1
    kill -0 "$parent" 2>/dev/null || return 0
  done
  child=$(cut -d' ' -f1 "/proc/$parent/task/$parent/children")
  [ -n "$child" ] || return 0
  dump=$(mktemp -d)
  {
    [ -x "$tools/dotnet-dump" ] || timeout 60 dotnet tool install dotnet-dump --tool-path "$tools" >/dev/null
    timeout 60 "$tools/dotnet-dump" collect -p "$child" --type Heap -o "$dump/core" >/dev/null &&
      timeout 120 "$tools/dotnet-dump" analyze "$dump/core" -c dumpasync -c "clrstack -all" -c exit
  } >"$report" 2>&1 || echo "(looking at the process failed: status $?)" >>"$report"
  rm -rf "$dump"
}

# The frames of ours in such a report, each once, innermost first.
frames_of_hang() {
  grep -oE 'Trunkline\.[A-Za-z0-9_.]+\+?<?[A-Za-z0-9_]+>?[A-Za-z0-9_.]*' "$1" | awk '!seen[$0]++' | head -25 | sed 's/^/  hangs in: /'
}
