# ./dev check: licences, known advisories, formatting. Sourced by ./dev. Exit 1 when something is found.

check() {
  local found=0
  quietly dotnet restore Trunkline.slnx
  check_licences || found=1
  check_advisories || found=1
  check_format || found=1
  [ "$found" -eq 0 ] && echo "check: nothing found."
  return "$found"
}

# Every package any project resolves to, "id version" a line.
packages() {
  cat artifacts/obj/*/project.assets.json | grep -oE '^ {4}"[A-Za-z0-9_.-]+/[0-9][^"]*": \{' | tr -d ' "{' | sed 's/:$//' | tr / ' ' | sort -u
}

# What a package says in its nuspec: an SPDX expression, else the name of the licence file, else the address.
licence_of() {
  local folder=$1 nuspec text
  nuspec=$(ls "$folder"/*.nuspec 2>/dev/null | head -1)
  [ -n "$nuspec" ] || return 1
  text=$(tr -d '\r\n' <"$nuspec")
  if [[ $text =~ \<license\ type=\"expression\"[^\>]*\>([^\<]+)\< ]]; then
    echo "${BASH_REMATCH[1]}"
  elif [[ $text =~ \<license\ type=\"file\"[^\>]*\>([^\<]+)\< ]]; then
    echo "file:${BASH_REMATCH[1]}"
  elif [[ $text =~ \<licenseUrl\>([^\<]+)\< ]]; then
    echo "${BASH_REMATCH[1]}"
  else
    echo none
  fi
}

check_licences() {
  local cache id version licence found=0 count=0
  cache=$(dotnet nuget locals global-packages -l | sed 's/^global-packages: //')
  while read -r id version; do
    local folder="$cache${id,,}/${version,,}"
    [ -d "$folder" ] || continue # project references are listed as packages too
    count=$((count + 1))
    licence=$(licence_of "$folder") || licence=none
    if ! licence_allowed "$id" "$licence"; then
      echo "licence: $id $version says '$licence', which eng/licences.txt does not allow. Replace the package, or add a line with the reason."
      found=1
    fi
  done < <(packages)
  [ "$found" -eq 0 ] && echo "licences: $count packages, all allowed"
  return "$found"
}

# eng/licences.txt: "allow EXPRESSION" or "package ID LICENCE-AS-THE-NUSPEC-SAYS REASON…"
licence_allowed() {
  grep -qxF "allow $2" eng/licences.txt || grep -qiF "package $1 $2 " eng/licences.txt
}

check_advisories() {
  local report status=0
  report=$(mktemp)
  dotnet list Trunkline.slnx package --vulnerable --include-transitive >"$report" 2>&1 || status=$?
  if [ "$status" -ne 0 ] || grep -qE 'NU1900|NU1301|Unable to load the service index' "$report"; then
    echo "advisories: NOT CHECKED: the advisory feed could not be reached"
    status=0
  elif grep -q 'has the following vulnerable packages' "$report"; then
    grep -E '^Project|>' "$report"
    status=1
  else
    echo "advisories: none known"
  fi
  rm -f "$report"
  return "$status"
}

check_format() {
  if dotnet format Trunkline.slnx --no-restore --verify-no-changes --verbosity quiet; then
    echo "formatting: clean"
  else
    echo "formatting: run ./dev fmt"
    return 1
  fi
}
