# shellcheck shell=sh
# Whether KVM works on this host. The including script includes machines.sh first.

# has_kvm KERNEL: whether a kernel boots with KVM here. With nested virtualization, /dev/kvm may exist and open, but a
# guest that enters 64-bit mode never returns.
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
