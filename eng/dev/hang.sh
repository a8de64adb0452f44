# Says where a test run hangs: what its asynchronous methods wait for and what its threads do. Sourced by test.sh.

# A process that does not end cannot be looked at once it was stopped: the child of process $1 is looked at after $4 seconds, or, if the
# report $3 was whole before, a minute after that, and is then ended: its tests are done. Writes $2.
watch_for_hang() {
  local parent=$1 look=$2 report=$3 seconds=$4 whole=0 tools=$PWD/artifacts/tools child dump
  for ((; seconds > 0 && whole < 60; seconds--)); do
    sleep 1
    kill -0 "$parent" 2>/dev/null || return 0
    if is_whole "$report"; then
      whole=$((whole + 1))
    fi
  done
  child=$(cut -d' ' -f1 "/proc/$parent/task/$parent/children")
  [ -n "$child" ] || return 0
  dump=$(mktemp -d)
  {
    [ -x "$tools/dotnet-dump" ] || timeout 60 dotnet tool install dotnet-dump --tool-path "$tools" >/dev/null
    timeout 60 "$tools/dotnet-dump" collect -p "$child" --type Heap -o "$dump/core" >/dev/null &&
      timeout 120 "$tools/dotnet-dump" analyze "$dump/core" -c dumpasync -c "clrstack -all" -c exit
  } >"$look" 2>&1 || echo "(looking at the process failed: status $?)" >>"$look"
  rm -rf "$dump"
  if is_whole "$report"; then
    kill "$parent" 2>/dev/null || true # it may have ended while it was looked at
  fi
}

# Whether a report was written to its end.
is_whole() {
  [ -s "$1" ] && tail -c 200 "$1" | grep -q '</assemblies>'
}

# What such a report says of methods that wait, each once: those of tests first.
frames_of_hang() {
  [ -s "$1" ] || return 0
  grep -oE '(Trunkline|Xunit)\.[A-Za-z0-9_.]+\+<[A-Za-z0-9_]+>' "$1" | awk '!seen[$0]++ { print (/Tests\./ ? 1 : 2), $0 }' |
    sort -sn | head -20 | sed 's/^[12]/  hangs in:/' || true
}
