# shellcheck shell=sh
# Functions that start and stop a virtual machine. Its supervisor connects its interface to the bridge of its LAN, runs
# QEMU, and restarts QEMU whenever it ends. If systemd is the init system, the supervisor is a service of it, which
# starts with this host; otherwise it runs in its own session. Variables: NAME, OWNER. The including script includes
# prelude.sh, machines.sh and health.sh first.

UNIT=dockernet-vm-${NAME-}
UNIT_FILE=/etc/systemd/system/$UNIT.service

start() {
  cat >"${VMS:?}/$NAME/supervise.sh" <<'END'
# supervise.sh QEMU NAME: runs QEMU with the arguments in the file beside this one, and again whenever it ends. The file `lan`
# has the interface, the network, its bridge and the owner's mark. After a start of the host the engine makes the bridge later.
cd "$(dirname "$0")" || exit
connect() {
  read -r tap _ bridge mark <lan
  ip link show dev "$tap" >/dev/null 2>&1 || ip tuntap add dev "$tap" mode tap || return
  if [ -d /proc/sys/net/ipv6 ]; then echo 1 >"/proc/sys/net/ipv6/conf/$tap/disable_ipv6"; fi
  ip link set dev "$tap" master "$bridge" up alias "$mark"
}
# Of a supervisor that has ended a QEMU may still run.
while pgrep -f "^$1 -name .* file=$(pwd | sed 's/[.]/[.]/g')/disk[.]qcow2" >/dev/null; do sleep 1; done
while :; do
  until connect >qemu.log 2>&1; do sleep 1; done
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
    unit >"$UNIT_FILE"
    systemctl daemon-reload
    systemctl --quiet enable "$UNIT"
    systemctl --quiet restart "$UNIT"
  else
    # Without Pulumi's variables, one of which is a passphrase.
    env -i PATH="$PATH" DOCKERNET_OWNER="${OWNER:?}" setsid sh "$VMS/$NAME/supervise.sh" "${QEMU:?}" "${NAME:?}" >/dev/null 2>&1 </dev/null &
  fi
}

unit() {
  cat <<END
# Owner: ${OWNER:?}
[Unit]
Description=Virtual machine $NAME
Documentation=man:qemu-system-x86_64(1)
After=docker.service
StartLimitIntervalSec=0

[Service]
Environment=DOCKERNET_OWNER=$OWNER
ExecStart=/bin/sh $VMS/$NAME/supervise.sh $QEMU $NAME
Restart=always
RestartSec=1

[Install]
WantedBy=multi-user.target
END
}

# Starts a machine with its disk unless it runs: after a restart of this host, or if its processes were killed. A
# machine whose interface is not on the bridge of its LAN is restarted, because QEMU does not open another interface.
again() {
  state=$(machine_state)
  case $state in
  running) return ;;
  damaged*) refuse "${state#damaged }; only a new one, with an empty disk, can take its place: npx lab recover ENVIRONMENT" ;;
  unsupervised*) ;;
  *)
    stop
    read -r tap network bridge mark <"$VMS/$NAME/lan"
    printf '%s %s %s %s\n' "$tap" "$network" "$(bridge_of "$network" || echo "$bridge")" "$mark" >"$VMS/$NAME/lan"
    ;;
  esac
  echo "virtual machine $NAME is started again with its disk: ${state#* }" >&2
  start
}

# Prints the bridge of a Docker network, whose name changes if the network is recreated.
bridge_of() {
  said=$(docker network inspect --format '{{.ID}} {{index .Options "com.docker.network.bridge.name"}}' "$1" 2>/dev/null) || return
  id=${said%% *}
  named=${said#"$id"}
  named=${named# }
  echo "${named:-br-$(echo "$id" | cut -c 1-12)}"
}

# Like a power cut. Ends the supervisor first, because it would restart QEMU.
stop() {
  if [ -e "$UNIT_FILE" ]; then systemctl --quiet stop "$UNIT" 2>/dev/null || :; fi
  for process in $(processes); do kill -9 "$process" 2>/dev/null || :; done
  tries=0
  while [ -n "$(processes)" ]; do
    [ $tries -lt 100 ] || refuse "its processes do not end: $(processes | paste -s -d ' ' -)"
    sleep 0.1
    tries=$((tries + 1))
  done
}

remove_unit() {
  [ -e "$UNIT_FILE" ] || return 0
  systemctl --quiet disable --now "$UNIT" 2>/dev/null || :
  rm -f "$UNIT_FILE"
  systemctl daemon-reload || :
}
