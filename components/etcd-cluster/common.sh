# shellcheck shell=sh
# Paths of the etcd member NAME on this host, its log, and what all scripts that deal with it need. Variables: SUPERVISOR; V2,
# whether it serves the v2 API (yes or no).
# shellcheck source=components/etcd-cluster/etcdctl.sh
. ./etcdctl.sh

UNIT=dockernet-etcd-${NAME-}
UNIT_FILE=/etc/systemd/system/$UNIT.service
# shellcheck disable=SC2034 # used by the including scripts
STATE=/var/lib/$UNIT
LOG=/var/log/$UNIT.log
# Exists while the member may start without data.
# shellcheck disable=SC2034 # used by the including scripts
MAY_BE_EMPTY=$STATE/may-be-empty
# Beside its data, so that a member whose folder is lost can be restored.
CERTIFICATES=/etc/$UNIT
TLS=$(certificates_of "$CERTIFICATES")

# Left out: the usage, which follows the line that names the wrong flag.
last_lines() {
  if [ "${SUPERVISOR:?}" = systemd ]; then
    journalctl -u "$UNIT" -n 100 -o cat --no-pager 2>/dev/null
  else
    tail -n 100 "$LOG"
  fi | grep -Ev '^( |Usage:|$)' | tail -n 10
}

# The architecture's name in etcd's archives.
architecture() {
  case $(uname -m) in
  x86_64) echo amd64 ;;
  aarch64) echo arm64 ;;
  *) uname -m ;;
  esac
}

# etcd 3.4 refuses to start on other architectures without it.
architecture_variable() { [ "$(architecture)" = amd64 ] || echo "ETCD_UNSUPPORTED_ARCH=$(architecture)"; }

version_of() { "$1" --version | sed -n 's/^etcd Version: *//p'; }

# minor VERSION: its second number
minor() { echo "$1" | cut -d . -f 2; }

# v2_flag FOLDER: the flag for the v2 API of the etcd there, which is on by default in 3.3, off since 3.4, and gone since 3.6.
v2_flag() {
  case ${V2:?}-$(minor "$(version_of "$1/etcd")") in
  yes-[45]) echo " --enable-v2" ;;
  no-3) echo " --enable-v2=false" ;;
  esac
}

# The command that the member was last started with.
last_command() {
  if [ -e "$UNIT_FILE" ]; then
    sed -n 's/^ExecStart=//p' "$UNIT_FILE"
  else
    echo "$(tail -n 1 "$STATE/program")/etcd $(cat "$STATE/arguments")"
  fi
}

# The command that copies the certificates for etcd, which does not run as root, for a shell that systemd starts, too.
copy_certificates() { echo "rm -rf $STATE/tls && cp -R $TLS/. $STATE/tls && chown -R --reference=$STATE/. $STATE/tls"; }
