# Runs the test projects, two at a time.
# Sourced by ./dev. The last line is always "N passed, N failed, N skipped".

# A project that is not done after this many seconds is stopped with all it started, and counts as one failure.
project_seconds_max=1200

. eng/dev/hang.sh

# So many projects run at a time: much of a test's time is waiting for a child, a server, a timer.
lanes=2

failed=0
runner=

run_tests() {
  local quick='' names=()
  if [ "${1:-}" = quick ]; then
    quick=1
    shift
  fi
  choose_projects names "$@"
  rm -rf artifacts/tests
  mkdir -p artifacts/tests
  trap 'exit 130' INT TERM
  trap finish EXIT
  echo "building …" >&2
  if ! build_tests "${names[@]}"; then
    failed=1
    echo "FAILED  the build"
    exit 1
  fi
  # Browsers walk over the published program.
  [[ -z "$quick" && " ${names[*]} " == *" Trunkline.EndToEnd.Tests "* ]] && build_if_needed
  local name
  for name in "${names[@]}"; do
    while [ "$(jobs -rp | wc -l)" -ge "$lanes" ]; do
      wait -n || true
    done
    in_lane "$name" "$quick" &
  done
  wait
}

# A project in a process of its own; a stop of it reaches the runner.
in_lane() {
  trap - EXIT
  trap 'stop_runner; exit 130' INT TERM
  run_project "$@"
}

finish() {
  local status=$? lane
  for lane in $(jobs -rp); do
    kill "$lane" 2>/dev/null || true
    wait "$lane" || true
  done
  local passed=0 skipped=0 file counts
  for file in artifacts/tests/*.counts; do
    [ -s "$file" ] || continue
    read -r -a counts <"$file"
    passed=$((passed + counts[0])) failed=$((failed + counts[1])) skipped=$((skipped + counts[2]))
  done
  [ "$status" -ne 0 ] && [ "$failed" -eq 0 ] && failed=1
  echo "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" -eq 0 ] || exit "$([ "$status" -eq 130 ] && echo 130 || echo 1)"
}

stop_runner() {
  [ -n "$runner" ] && kill "$runner" 2>/dev/null
  runner=
}

# Fills the array named $1 with all test projects, or with those the other arguments name (Cli = Trunkline.Cli.Tests).
choose_projects() {
  local -n chosen=$1
  shift
  local project name
  if [ $# -eq 0 ]; then
    # Those that take longest first, so that no lane ends with a long one alone.
    chosen=(Trunkline.Server.Tests Trunkline.EndToEnd.Tests)
    for project in tests/*/*.csproj; do
      name=$(basename "$project" .csproj)
      [[ " ${chosen[*]} " == *" $name "* ]] || chosen+=("$name")
    done
    return
  fi
  for name in "$@"; do
    for project in "$name" "Trunkline.$name.Tests" ''; do
      [ -f "tests/$project/$project.csproj" ] && break
    done
    if [ -z "$project" ]; then
      echo "./dev test: there is no test project '$name'; there are:" $(ls tests | grep Trunkline) >&2
      exit 2
    fi
    chosen+=("$project")
  done
}

build_tests() {
  if [ $# -gt 2 ]; then
    quietly dotnet build Trunkline.slnx -c Release -v quiet
    return
  fi
  local name
  for name in "$@"; do
    quietly dotnet build "tests/$name" -c Release -v quiet || return 1
  done
}

run_project() {
  local name=$1 quick=$2 report=artifacts/tests/$1.xml log=artifacts/tests/$1.log status=0 started=$SECONDS
  # One test of a project at a time: many start nodes and children that keep a core busy by themselves.
  local arguments=(-noLogo -noColor -noAutoReporters -reporter quiet -parallelMode none -longRunning 120 -result-xml "$report")
  [ -n "$quick" ] && arguments+=(-trait- "speed=slow")
  # Counts as failed until its report is read.
  echo "0 1 0" >"artifacts/tests/$name.counts"
  # timeout makes the runner a process group of its own, so that a stop reaches the children too.
  timeout --kill-after=10 "$project_seconds_max" "artifacts/bin/$name/release/$name" "${arguments[@]}" >"$log" 2>&1 </dev/null &
  runner=$!
  watch_for_hang "$runner" "$log.hang" "$report" "$((project_seconds_max - 300))" &
  wait "$runner" || status=$?
  runner=
  count_report "$name" "$report" "$log" "$status" "$((SECONDS - started))"
}

# Notes a project's totals and tells them. Without a report the run stays one failure.
count_report() {
  local name=$1 report=$2 log=$3 status=$4 seconds=$5 totals bad
  if [ "$status" -ne 0 ]; then
    cat "$log"
  fi
  if [ "$status" -ge 124 ] && is_whole "$report"; then
    # Every test has its verdict; what hung is the end of the process. It is told, with where, and the verdicts count.
    echo "LATE    $name: its tests were done, but the process did not end by itself"
    frames_of_hang "$log.hang"
    status=0
  fi
  if [ ! -s "$report" ] || [ "$status" -ge 124 ]; then
    if [ "$status" -eq 124 ] || [ "$status" -eq 137 ]; then
      echo "FAILED  $name: stopped after $seconds s; it did not end by itself (bound: $project_seconds_max s)"
      [ -s "$log.hang" ] && frames_of_hang "$log.hang"
    else
      echo "FAILED  $name: ended with status $status and no report; its output is above and in $log"
    fi
    return
  fi
  totals=$(grep -o '<assembly [^>]*>' "$report" | head -1)
  bad=$(($(total failed) + $(total errors)))
  [ "$status" -ne 0 ] && [ "$bad" -eq 0 ] && bad=1
  echo "$(total passed) $bad $(total skipped)" >"artifacts/tests/$name.counts"
  if [ "$bad" -ne 0 ]; then
    echo "FAILED  $name: $(total passed) passed, $bad failed, $(total skipped) skipped, $seconds s"
    grep -o '<test [^>]* result="Fail"' "$report" | sed -E 's/.* name="([^"]*)".*/  failed: \1/' | unescape || true
  else
    echo "ok      $name: $(total passed) passed, $(total skipped) skipped, $seconds s"
  fi
  name_skipped "$report"
}

total() {
  local number
  number=$(sed -nE "s/.* $1=\"([0-9]+)\".*/\1/p" <<<"$totals")
  echo "${number:-0}"
}

# Skipped tests are named with their reason: what a machine did not prove must be seen.
name_skipped() {
  sed 's/<test /\n<test /g' "$1" | grep 'result="Skip"' |
    sed -E 's/.* name="([^"]*)".*<reason>(<!\[CDATA\[)?([^]<]*).*/  skipped: \1: \3/' | unescape || true
}

unescape() {
  sed -e 's/&quot;/"/g; s/&lt;/</g; s/&gt;/>/g; s/&apos;/'"'"'/g; s/&amp;/\&/g'
}
