# Building and publishing. Sourced by ./dev; everything it says goes to stderr, so that stdout stays the command's own.
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
root=$PWD
trunkline=$root/artifacts/trunkline/trunkline

need_sdk() {
  if ! command -v dotnet >/dev/null; then
    echo "./dev: the .NET 10 SDK is not on the PATH. Install it (https://dotnet.microsoft.com/download/dotnet/10.0) and try again." >&2
    exit 2
  fi
  if ! dotnet --version >/dev/null 2>&1; then
    echo "./dev: global.json asks for a .NET 10 SDK; installed are:" >&2
    (cd / && dotnet --list-sdks) >&2
    exit 2
  fi
  # Programs built here look for the runtime in the usual places only; the SDK in use may lie elsewhere.
  export DOTNET_ROOT=${DOTNET_ROOT:-$(dirname "$(readlink -f "$(command -v dotnet)")")}
}

# Runs a build command silently; its output is shown only when it fails.
quietly() {
  local log
  log=$(mktemp)
  if ! "$@" >"$log" 2>&1 </dev/null; then
    grep -E '(error|warning) [A-Z]+[0-9]+|error:' "$log" | sort -u | head -60 >&2 || tail -40 "$log" >&2
    rm -f "$log"
    echo "./dev: failed: $*" >&2
    return 1
  fi
  rm -f "$log"
}

publish_cli() {
  echo "building trunkline (the first time takes a minute or two) …" >&2
  rm -rf artifacts/trunkline.new
  quietly dotnet publish src/Trunkline.Cli -c Release --self-contained -o artifacts/trunkline.new -v quiet
  # Swapped in as a whole: an interrupted build never leaves half a program where ./dev run looks for one.
  rm -rf artifacts/trunkline
  mv artifacts/trunkline.new artifacts/trunkline
  touch artifacts/trunkline/trunkline
}

build_if_needed() {
  if [ ! -x "$trunkline" ] ||
    [ -n "$(find src samples global.json Directory.Build.props Directory.Packages.props -newer "$trunkline" -type f -print -quit 2>/dev/null)" ]; then
    publish_cli
  fi
}
