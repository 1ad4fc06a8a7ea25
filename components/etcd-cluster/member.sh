# shellcheck shell=sh
# One etcd member on this host: its program, its data, its process. Variables: NAME, ADDRESS, PEER_PORT, CLIENT_PORT,
# TOKEN, MEMBERS (as --initial-cluster has them), FLAGS, SUPERVISOR (systemd or nohup), SOURCE (package or archive); of
# an archive URL (with {arch} for the architecture), VERSION, SHA256_AMD64 and SHA256_ARM64; OWNER, perhaps empty.

UNIT=dockernet-etcd-${NAME:?}
UNIT_FILE=/etc/systemd/system/$UNIT.service
STATE=/var/lib/$UNIT
PID_FILE=/run/$UNIT.pid
LOG=/var/log/$UNIT.log
# Packages that were installed for members on this host, and go with the last of them.
PACKAGES=/var/lib/dockernet-etcd.packages

refuse() {
  echo "etcd member $NAME: $1" >&2
  exit 1
}

as_root() { [ "$(id -u)" -eq 0 ] || refuse "only root can make or remove it, and this is $(id -un)"; }

supported() {
  case $1 in
  3.[345] | 3.[345].*) ;;
  *) refuse "$2 is etcd ${1:-of an unknown version}; Docker's cluster store needs the v2 API of etcd 3.3 to 3.5" ;;
  esac
}

version_of() { "$1" --version | sed -n 's/^etcd Version: *//p'; }

archive_url() { echo "${URL:?}" | sed "s/{arch}/$(architecture)/g"; }
archive_home() { echo "/usr/local/etcd-v${VERSION:?}-linux-$(architecture)"; }

# As etcd's archives call it.
architecture() {
  case $(uname -m) in
  x86_64) echo amd64 ;;
  aarch64) echo arm64 ;;
  *) uname -m ;;
  esac
}

checksum() {
  case $(architecture) in
  amd64) echo "${SHA256_AMD64?}" ;;
  arm64) echo "${SHA256_ARM64?}" ;;
  esac
}

check_package() {
  if [ -x /usr/bin/etcd ]; then
    found=$(version_of /usr/bin/etcd)
  else
    command -v apt-get >/dev/null || refuse "no package etcd-server is installed, and there is no apt to install it"
    candidate >/dev/null || fetch_lists
    found=$(candidate) || refuse "the distribution has no package etcd-server"
  fi
  supported "$found" "the package etcd-server"
}

fetch_lists() { apt-get update -qq >/dev/null || refuse "no package lists: apt-get update failed"; }

# The version of the package that apt would install, without Debian's part of it. Who only looks leaves no cache behind.
candidate() { apt-cache -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= policy etcd-server | sed -n 's/^ *Candidate: *\([0-9.]*\).*/\1/p' | grep .; }

check_archive() {
  supported "${VERSION:?}" "the archive"
  [ -n "$(checksum)" ] || refuse "there is no SHA-256 of an archive for this machine's architecture ($(uname -m))"
  for program in curl tar; do
    command -v "$program" >/dev/null || refuse "the program $program is missing (package $program)"
  done
  home=$(archive_home)
  if [ -e "$home" ] && [ ! -e "$home/.dockernet" ]; then refuse "$home exists already and is not ours"; fi
  for program in etcd etcdctl; do
    link=/usr/local/bin/$program
    case $(readlink "$link" || echo none) in
    none) [ ! -e "$link" ] || refuse "$link exists already and is not ours" ;;
    /usr/local/etcd-v*) ;;
    *) refuse "$link exists already and is not ours" ;;
    esac
  done
}

listener() { ss -H -ltnp "sport = :$1" 2>/dev/null | sed -n 's/.*users:(("\([^"]*\)",pid=\([0-9]*\).*/\1, process \2/p' | head -n 1; }

check_programs() {
  for program in ss ip flock; do
    command -v "$program" >/dev/null || refuse "the program $program is missing (packages iproute2 and util-linux)"
  done
}

check_supervisor() {
  [ "${SUPERVISOR:?}" != systemd ] || [ -d /run/systemd/system ] || refuse "this machine is not run by systemd"
}

check_address() {
  ip -o -4 address show | awk '{ sub("/.*", "", $4); print $4 }' | grep -Fqx "${ADDRESS:?}" ||
    refuse "no interface of this machine has the address $ADDRESS"
}

check_data() {
  if [ -e "$STATE/token" ] && [ "$(cat "$STATE/token")" != "${TOKEN:?}" ]; then
    refuse "$STATE has the data of another cluster ($(cat "$STATE/token")); destroy that one, or remove its data"
  fi
}

check_ports() {
  if ! running; then
    for port in "${CLIENT_PORT:?}" "${PEER_PORT:?}"; do
      holder=$(listener "$port")
      [ -z "$holder" ] || refuse "port $port is taken ($holder)"
    done
  fi
}

check() {
  as_root
  check_programs
  check_supervisor
  check_address
  check_data
  check_ports
  "check_${SOURCE:?}"
}

# Two members on one host take turns at what they share: the program.
locked() {
  exec 9</usr/local
  flock -w 120 9 || refuse "another member on this host has been busy for two minutes"
  "$@"
  exec 9>&-
}

install_package() {
  [ -x /usr/bin/etcd ] && [ -x /usr/bin/etcdctl ] && return
  missing=$(for each in etcd-server etcd-client; do dpkg-query -W -f '${Status}' "$each" 2>/dev/null | grep -q 'ok installed$' || echo "$each"; done)
  echo "$missing" >>"$PACKAGES"
  # Debian starts a member of its own at installation, on the same ports.
  systemctl mask --runtime --quiet etcd.service 2>/dev/null || true
  # shellcheck disable=SC2086 # one word a package
  DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120 install --no-install-recommends $missing \
    </dev/null >/dev/null 2>"$PACKAGES.log" || refuse "apt-get install failed: $(tail -n 3 "$PACKAGES.log")"
  rm -f "$PACKAGES.log"
  systemctl unmask --runtime --quiet etcd.service
  systemctl disable --quiet etcd.service 2>/dev/null
}

# An interrupted download stays in /var/tmp, which is cleared by age, and the next attempt goes on from there.
download() {
  for attempt in 1 2 3 4 5; do
    [ "$attempt" -eq 1 ] || sleep 2
    code=0
    error=$(curl -fsSL --connect-timeout 15 --speed-limit 1000 --speed-time 30 -C - -o "$1" "$(archive_url)" 2>&1) || code=$?
    case $code in
    0) return ;;
    22) rm -f "$1" && break ;; # the server said no, which it will again
    33) rm -f "$1" ;;          # it cannot go on from the middle
    esac
  done
  refuse "$(archive_url) could not be downloaded: $error"
}

install_archive() {
  home=$(archive_home)
  sum=$(checksum)
  if [ "$(cat "$home/.dockernet" 2>/dev/null)" != "$sum" ]; then
    part=/var/tmp/dockernet-etcd-$sum.part
    echo "$sum  $part" | sha256sum --check --status 2>/dev/null || download "$part"
    found=$(sha256sum "$part" | cut -d ' ' -f 1)
    if [ "$found" != "$sum" ]; then
      rm -f "$part"
      refuse "$(archive_url) has the SHA-256 $found, expected $sum"
    fi
    rm -rf "$home.new"
    mkdir "$home.new"
    tar -xzf "$part" -C "$home.new" --strip-components 1 --no-same-owner
    rm -f "$part"
    found=$(version_of "$home.new/etcd")
    if [ "$found" != "$VERSION" ]; then
      rm -rf "$home.new"
      refuse "$(archive_url) has etcd $found, expected $VERSION"
    fi
    echo "$sum" >"$home.new/.dockernet"
    rm -rf "$home"
    mv "$home.new" "$home"
  fi
  ln -sfn "$home/etcd" /usr/local/bin/etcd
  ln -sfn "$home/etcdctl" /usr/local/bin/etcdctl
}

program_folder() { if [ "$SOURCE" = archive ]; then archive_home; else echo /usr/bin; fi; }

# Removes the programs that no member on this host uses any more.
prune() {
  for home in /usr/local/etcd-v*-linux-*; do
    if [ ! -e "$home/.dockernet" ] || grep -Fqsx "$home" /var/lib/dockernet-etcd-*/program; then continue; fi
    for link in /usr/local/bin/etcd /usr/local/bin/etcdctl; do
      [ "$(readlink "$link")" != "$home/${link##*/}" ] || rm -f "$link"
    done
    rm -rf "$home"
  done
  if [ -s "$PACKAGES" ] && ! grep -Fqsx /usr/bin /var/lib/dockernet-etcd-*/program; then
    # shellcheck disable=SC2046 # one word a package
    DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120 purge $(cat "$PACKAGES") </dev/null >/dev/null
  fi
  grep -Fqsx /usr/bin /var/lib/dockernet-etcd-*/program || rm -f "$PACKAGES"
}

# What etcd is started with: the tutorial's flags in the tutorial's order, then our own.
arguments() {
  client=http://$ADDRESS:$CLIENT_PORT
  peer=http://$ADDRESS:$PEER_PORT
  echo "--name $NAME --initial-advertise-peer-urls $peer --listen-peer-urls $peer" \
    "--listen-client-urls $client,http://127.0.0.1:$CLIENT_PORT --advertise-client-urls $client" \
    "--initial-cluster-token $TOKEN --initial-cluster ${MEMBERS:?} --initial-cluster-state new" \
    "--data-dir $STATE/data$(v2_flag)${FLAGS:+ $FLAGS}"
}

# Off by default since 3.4, and on before.
v2_flag() { case $(version_of "$(program_folder)/etcd") in 3.3*) ;; *) echo " --enable-v2" ;; esac }

# Architectures that etcd 3.4 starts on only when told so.
architecture_variable() { [ "$(architecture)" = amd64 ] || echo "ETCD_UNSUPPORTED_ARCH=$(architecture)"; }

# READY comes with the quorum, for which a new cluster may wait for long, and a member of a living one is never given up.
# A leader that stops hands over first; when all members stop together nobody takes over, and it would wait for 7 seconds.
unit() {
  cat <<EOF
# Owner: ${OWNER-}
[Unit]
Description=etcd member $NAME
Documentation=https://etcd.io/docs
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
Type=notify
DynamicUser=yes
StateDirectory=$UNIT
StateDirectoryMode=0700
Environment=$(architecture_variable)
Environment=NO_PROXY=*
ExecStart=$(program_folder)/etcd $(arguments)
Restart=always
RestartSec=1
TimeoutStartSec=infinity
TimeoutStopSec=3
LimitNOFILE=65536

[Install]
WantedBy=multi-user.target
EOF
}

nohup_pid() {
  pid=$(cat "$PID_FILE" 2>/dev/null) || return
  { tr '\0' ' ' <"/proc/$pid/cmdline"; } 2>/dev/null | grep -Fq -- "etcd --name $NAME " && echo "$pid"
}

running() { nohup_pid >/dev/null || systemctl --quiet is-active "$UNIT" 2>/dev/null || [ "$(systemctl is-active "$UNIT" 2>/dev/null)" = activating ]; }

stop_nohup() {
  if pid=$(nohup_pid); then
    kill "$pid"
    timeout 3 tail --pid="$pid" -f /dev/null || kill -9 "$pid"
  fi
  rm -f "$PID_FILE"
}

stop_systemd() {
  [ -e "$UNIT_FILE" ] || return 0
  systemctl --quiet disable --now "$UNIT" 2>/dev/null
  rm -f "$UNIT_FILE" "$UNIT_FILE.old" "$UNIT_FILE.new"
  systemctl daemon-reload
  systemctl reset-failed "$UNIT" 2>/dev/null || true
}

# Whether two units differ in no more than who owns them, for which no member need be restarted.
same_settings() { [ "$(grep -v '^#' "$1")" = "$(grep -v '^#' "$2" 2>/dev/null)" ]; }

start_systemd() {
  stop_nohup
  unit >"$UNIT_FILE.new"
  if same_settings "$UNIT_FILE.new" "$UNIT_FILE" && running; then
    mv "$UNIT_FILE.new" "$UNIT_FILE"
    systemctl daemon-reload
    return
  fi
  if [ -e "$UNIT_FILE" ]; then mv "$UNIT_FILE" "$UNIT_FILE.old"; fi
  mv "$UNIT_FILE.new" "$UNIT_FILE"
  systemctl daemon-reload
  systemctl --quiet enable "$UNIT"
  systemctl stop "$UNIT"
  # Its restarts so far are counted until it starts, which may take a while: they say nothing of the new settings.
  systemctl reset-failed "$UNIT" 2>/dev/null || true
  # Without waiting until it is ready, which may need the other members.
  systemctl start --no-block "$UNIT"
}

start_nohup() {
  stop_systemd
  if [ "$(arguments)" = "$(cat "$STATE/arguments" 2>/dev/null)" ] && nohup_pid >/dev/null; then return; fi
  stop_nohup
  arguments >"$STATE/arguments"
  # shellcheck disable=SC2046 # one word a flag
  env $(architecture_variable) NO_PROXY='*' setsid nohup "$(program_folder)/etcd" $(arguments) </dev/null >>"$LOG" 2>&1 &
  echo $! >"$PID_FILE"
}

# Without the usage, which follows on the line that says which flag is wrong.
last_lines() {
  if [ "$SUPERVISOR" = systemd ]; then
    journalctl -u "$UNIT" -n 100 -o cat --no-pager 2>/dev/null
  else
    tail -n 100 "$LOG"
  fi | grep -Ev '^( |Usage:|$)' | tail -n 10
}

gave_up() {
  if [ "$SUPERVISOR" = systemd ]; then [ "$(systemctl show -p NRestarts --value "$UNIT")" -gt 0 ]; else ! kill -0 "$(cat "$PID_FILE")" 2>/dev/null; fi
}

# It listens for its peers at once, and for clients when there is a quorum.
await_listening() {
  for _ in $(seq 150); do
    if [ -n "$(ss -H -ltn "src $ADDRESS and sport = :$PEER_PORT")" ]; then return; fi
    if gave_up; then break; fi
    sleep 0.1
  done
  echo "etcd member $NAME: it does not stay up; its last lines:" >&2
  last_lines >&2
  roll_back
  return 1
}

# What ran before a change that does not run goes on; its data are still there.
roll_back() {
  [ -e "$UNIT_FILE.old" ] || return 0
  mv "$UNIT_FILE.old" "$UNIT_FILE"
  systemctl daemon-reload
  systemctl restart --no-block "$UNIT"
  echo "etcd member $NAME: the configuration that it had before was put back" >&2
}

up() {
  (umask 077 && mkdir -p "$STATE")
  echo "$TOKEN" >"$STATE/token"
  echo "${OWNER-}" >"$STATE/owner"
  locked "install_$SOURCE"
  program_folder >>"$STATE/program" # beside the one of before, which may be needed again
  "start_$SUPERVISOR"
  await_listening
  rm -f "$UNIT_FILE.old"
  program_folder >"$STATE/program"
  locked prune
  echo "$NAME: etcd $(version_of "$(program_folder)/etcd"), configuration $(arguments | sha256sum | cut -c 1-12)"
}

down() {
  as_root
  stop_systemd
  stop_nohup
  rm -rf "$STATE" "/var/lib/private/$UNIT" "$LOG"
  locked prune
}
