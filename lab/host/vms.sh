# shellcheck shell=sh
# Verb: vms. Prints whether this host can run virtual machines, as lines `vm.KEY VALUE`: missing programs; `vm.kvm`,
# which is `works`, `broken`, `missing`, or `untried` without a kernel to test it with; and `vm.disk`, the free space in
# KiB for their disks. Changes nothing. No variables.
# shellcheck source=components/practice-vm/machines.sh
. ../../components/practice-vm/machines.sh
# shellcheck source=components/practice-vm/kvm.sh
. ../../components/practice-vm/kvm.sh

kvm() {
  if [ ! -w /dev/kvm ]; then
    echo missing
    return
  fi
  for kernel in "$(vm_cache)"/*/vmlinuz /boot/vmlinuz-*; do
    if [ -r "$kernel" ] && command -v "$QEMU" >/dev/null; then
      if has_kvm "$kernel"; then echo works; else echo broken; fi
      return
    fi
  done
  echo untried
}

vms() {
  command -v "$QEMU" >/dev/null || echo "vm.missing qemu-system-x86"
  command -v qemu-img >/dev/null || echo "vm.missing qemu-utils"
  command -v mke2fs >/dev/null || echo "vm.missing e2fsprogs"
  echo "vm.machine $(uname -m)"
  echo "vm.kvm $(kvm)"
  df -Pk /var/lib | awk 'NR == 2 { print "vm.disk", $4 }'
}
