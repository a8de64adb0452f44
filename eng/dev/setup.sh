# Installs what tests use beyond the .NET SDK. Sourced by ./dev. No system service is started or left enabled.

# gcc, libc6-dev: the shim that drops unsynced writes; strace: injected I/O faults; redis-server: the peer of `./dev bench log`; chromium: pages are looked at in a real browser; python3, nodejs, curl: consumers in other languages;
# dovecot-imapd, exim4-daemon-light: the mail servers that mail channels are tested against and measured beside; prometheus: its promtool reads /metrics;
# prometheus-alertmanager: takes and resolves alerts.
setup_packages=(gcc libc6-dev strace redis-server chromium python3 nodejs curl dovecot-imapd exim4-daemon-light prometheus prometheus-alertmanager)
setup_services=(redis-server dovecot exim4 prometheus prometheus-node-exporter prometheus-alertmanager)

setup() {
  local missing=() package
  if ! command -v apt-get >/dev/null; then
    echo "setup: this is not a Debian or Ubuntu machine; install yourself: ${setup_packages[*]}. Tests that miss one are skipped and named." >&2
    return 0
  fi
  for package in "${setup_packages[@]}"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  if [ ${#missing[@]} -eq 0 ]; then
    setup_clients
    echo "setup: everything is there." >&2
    return 0
  fi
  if [ "$(id -u)" -ne 0 ] && ! sudo -n true 2>/dev/null && [ "${CI:-}" = true ]; then
    echo "setup: neither root nor sudo; without ${missing[*]} some tests are skipped and named." >&2
    return 0
  fi
  echo "setup: installing ${missing[*]} …" >&2
  if ! install_packages "${missing[@]}"; then
    echo "setup: could not install all of ${missing[*]}; tests that miss one are skipped and named. Run ./dev setup again later." >&2
    [ "${CI:-}" = true ]
    return
  fi
  setup_clients
}

# What tests use of others from npm, in private folders; again when a list has changed. Without npm or its registry the tests that use it are skipped and named.
setup_clients() {
  setup_npm registry-clients tests/Trunkline.Server.Tests/Schemas/Clients
  setup_npm browser tests/Trunkline.EndToEnd.Tests/Browser
}

# setup_npm NAME FOLDER: fetches what FOLDER/package.json names into artifacts/npm/NAME.
setup_npm() {
  local folder=artifacts/npm/$1 list=$2/package.json
  if ! command -v npm >/dev/null || cmp -s "$list" "$folder/node_modules/.installed.json"; then
    return 0
  fi
  mkdir -p "$folder"
  cp "$list" "$folder/"
  { (cd "$folder" && timeout 300 npm install --no-audit --no-fund --ignore-scripts --silent >&2) && cp "$list" "$folder/node_modules/.installed.json"; } ||
    echo "setup: npm could not fetch what $list names." >&2
}

install_packages() {
  local log status=0
  log=$(mktemp)
  hold_services
  # One package at a time after the first failure: a package this release does not have must not cost the others.
  apt update || true
  if ! apt install --no-install-recommends "$@"; then
    local package
    for package in "$@"; do
      apt install --no-install-recommends "$package" || status=1
    done
  fi
  release_services
  [ "$status" -eq 0 ] || tail -20 "$log" >&2
  rm -f "$log"
  return "$status"
}

# apt-get with waiting for another's lock, timeouts and retries; its output goes to $log.
apt() {
  local verb=$1
  shift
  as_root env DEBIAN_FRONTEND=noninteractive timeout 600 apt-get -y -q \
    -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 -o Acquire::http::Timeout=30 -o Acquire::https::Timeout=30 \
    "$verb" "$@" >>"$log" 2>&1 </dev/null
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

# Debian starts a service when its package is installed, unless policy-rc.d says no (101).
hold_services() {
  policy_is_ours=
  if [ ! -e /usr/sbin/policy-rc.d ]; then
    policy_is_ours=1
    printf '#!/bin/sh\nexit 101\n' | as_root tee /usr/sbin/policy-rc.d >/dev/null
    as_root chmod 755 /usr/sbin/policy-rc.d
  fi
}

release_services() {
  if [ -n "$policy_is_ours" ]; then
    as_root rm -f /usr/sbin/policy-rc.d
  fi
  local service
  if command -v systemctl >/dev/null; then
    for service in "${setup_services[@]}"; do
      as_root systemctl disable "$service" >/dev/null 2>&1 || true
    done
  fi
}
