# shellcheck shell=sh
# The state of a virtual machine on this host. The including script includes machines.sh first. Variable: NAME.

# machine_state: prints the state, and after a space what is wrong:
#   running        QEMU runs, and its interface is on the bridge of its LAN
#   stopped        QEMU does not run, or the supervisor cannot start it
#   unsupervised   QEMU runs without its supervisor, which would restart it
#   disconnected   QEMU runs, and its interface is missing or on no bridge
#   damaged        cannot start: a file is missing, or the disk is corrupt
machine_state() {
  damage=$(damage)
  if [ -n "$damage" ]; then
    echo "damaged $damage"
  elif [ -z "$(emulators)" ]; then
    if running; then echo "stopped QEMU does not start: $(tail -n 1 "$VMS/$NAME/qemu.log")"; else echo "stopped no process of it runs"; fi
  elif ! running; then
    echo "unsupervised QEMU runs, and its supervisor does not"
  elif ! connected; then
    echo "disconnected its interface is gone or not on the bridge of its LAN"
  else
    echo running
  fi
}

# Prints a missing file, or what is wrong with the disk. While QEMU has the disk open, only QEMU knows the data that is
# not written yet, and it marks a disk that it finds corrupt. Leaked space, for example after a power cut, is no damage.
damage() {
  for each in disk.qcow2 disk.raw vmlinuz initrd arguments settings.tar; do
    if [ ! -s "$VMS/$NAME/$each" ]; then
      echo "$each is missing or empty"
      return
    fi
  done
  disk=$VMS/$NAME/disk.qcow2
  if [ -n "$(emulators)" ]; then
    if qemu-img info --force-share --output=json "$disk" 2>/dev/null | grep -q '"corrupt": true'; then
      echo "QEMU found its disk corrupt"
    fi
    return
  fi
  checked=0
  said=$(qemu-img check -q -f qcow2 "$disk" 2>&1) || checked=$?
  case $checked in
  0 | 3) ;;
  2) echo "its disk is corrupt: $(printf '%s\n' "$said" | grep . | head -n 1)" ;;
  # QEMU has started in the meantime.
  *) case $said in *lock*) ;; *) echo "its disk cannot be read: $(printf '%s\n' "$said" | grep . | head -n 1)" ;; esac ;;
  esac
}

# The interface has a carrier as long as QEMU has it open.
connected() {
  read -r tap _ bridge _ <"$VMS/$NAME/lan" 2>/dev/null || return 1
  [ "$(cat "/sys/class/net/$tap/carrier" 2>/dev/null)" = 1 ] &&
    [ "$(basename "$(readlink "/sys/class/net/$tap/master")")" = "$bridge" ]
}
