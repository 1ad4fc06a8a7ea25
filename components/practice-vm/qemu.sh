# shellcheck shell=sh
# What this host can run: functions of scripts that include prelude.sh and machines.sh first.

has_qemu() {
  as_root
  [ "$(uname -m)" = x86_64 ] || refuse "virtual machines need an x86_64 host, and this is $(uname -m)"
  require_program "${QEMU:?}" qemu-system-x86
  require_program qemu-img qemu-utils
}

# has_kvm KERNEL: whether a kernel runs by KVM here. Where virtual machines are nested, /dev/kvm may exist and open, and a guest
# that enters 64-bit mode never returns.
has_kvm() {
  [ -w /dev/kvm ] || return 1
  console=$(mktemp)
  "${QEMU:?}" -accel kvm -M q35 -cpu max -m 256 -nodefaults -no-user-config -display none -no-reboot -kernel "$1" \
    -append "console=ttyS0 earlyprintk=ttyS0 panic=-1" -serial "file:$console" >/dev/null 2>&1 &
  tries=0
  until grep -q 'Linux version' "$console" || [ $tries -ge 50 ] || ! kill -0 $! 2>/dev/null; do
    sleep 0.1
    tries=$((tries + 1))
  done
  grep -q 'Linux version' "$console" && works=yes || works=no
  kill -9 $! 2>/dev/null || :
  wait $! 2>/dev/null || :
  rm -f "$console"
  [ "$works" = yes ]
}
