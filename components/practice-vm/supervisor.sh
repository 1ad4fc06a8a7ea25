# shellcheck shell=sh
# Functions that start and stop a virtual machine. Its supervisor runs QEMU, and again whenever it ends: a service of systemd
# where that is the init system, else a session of its own. Variable: NAME. The including script includes prelude.sh and
# machines.sh first.

start() {
  cat >"${VMS:?}/$NAME/supervise.sh" <<'END'
# supervise.sh QEMU NAME: runs QEMU with the arguments in the file beside this one, and again whenever it ends.
cd "$(dirname "$0")" || exit
while :; do
  set -- "$1" "$2"
  while read -r argument; do set -- "$@" "$argument"; done <arguments
  program=$1
  name=$2
  shift 2
  "$program" -name "$name" "$@" >qemu.log 2>&1 </dev/null
  set -- "$program" "$name"
  sleep 1
done
END
  if [ -d /run/systemd/system ]; then
    systemd-run --quiet --collect --unit="dockernet-vm-$NAME" sh "${VMS:?}/$NAME/supervise.sh" "${QEMU:?}" "${NAME:?}"
  else
    setsid sh "${VMS:?}/$NAME/supervise.sh" "${QEMU:?}" "${NAME:?}" >/dev/null 2>&1 </dev/null &
  fi
}

# Like a power cut. The supervisor ends first, which would start QEMU again.
stop() {
  for process in $(processes); do kill -9 "$process" 2>/dev/null || :; done
  tries=0
  while [ -n "$(processes)" ]; do
    [ $tries -lt 100 ] || refuse "its processes do not end: $(processes | paste -s -d ' ' -)"
    sleep 0.1
    tries=$((tries + 1))
  done
}
