# shellcheck shell=sh
# A virtual machine that QEMU runs on this host, on the bridge of a Docker network. Verbs: those of verbs.sh, and
# `owned` (owned.sh), which takes no variables. A machine that ends is started again with its disk; one whose settings
# change is restarted.
# Variables: NAME; OWNER, a mark; DISK, a folder of disk.sh; DISK_MIB, the size of the machine's own disk; MEMORY_MIB;
# CPUS; NETWORK of Docker; TAP, the name of the interface on its bridge; ADDRESS; NODE_NAME, its hostname; NEIGHBOURS,
# lines of hosts(5) for other hosts, may be empty; HOST_KEY, the private key of its sshd; AUTHORIZED_KEY, the public key
# of its users; ACCELERATION, `kvm` or `tcg`.
# shellcheck source=components/host-script/prelude.sh
. ../host-script/prelude.sh
# shellcheck source=components/host-script/owned.sh
. ../host-script/owned.sh
# shellcheck source=components/practice-vm/machines.sh
. ./machines.sh
# shellcheck source=components/practice-vm/qemu.sh
. ./qemu.sh
# shellcheck source=components/practice-vm/health.sh
. ./health.sh
# shellcheck source=components/practice-vm/supervisor.sh
. ./supervisor.sh

TRANSLATED_MIB=256 # cache of translated code; default up to 1 GiB, in addition to the memory of the machine

SUBJECT="virtual machine ${NAME-}"

exists() { [ -e "$VMS/${NAME:?}" ] || [ -e "$UNIT_FILE" ] || [ -n "$(processes)" ]; }
ours() { [ "$(owner_mark)" = "${OWNER:?}" ]; }
inspect() { docker network inspect --format "$1" "${NETWORK:?}"; }

# Prints the owner's mark on everything that exists of the machine.
owner_mark() {
  {
    if [ -e "$VMS/$NAME" ]; then owner_file "$VMS/$NAME"; fi
    if [ -e "$UNIT_FILE" ]; then owner_line "$UNIT_FILE"; fi
    for process in $(processes); do
      tr '\0' '\n' <"/proc/$process/environ" 2>/dev/null | sed -n 's/^DOCKERNET_OWNER=//p'
    done
  } | agreed
}

check() {
  has_qemu
  [ -c /dev/net/tun ] || refuse "/dev/net/tun is missing on this host (modprobe tun)"
  bridge=$(bridge_of "${NETWORK:?}") || refuse "the engine does not know the network $NETWORK"
  ip link show "$bridge" >/dev/null 2>&1 ||
    refuse "this host has no bridge $bridge: the engine of network $NETWORK is on another host"
  if exists && ! ours; then refuse "exists already and does not belong to $OWNER; it was left unchanged"; fi
  exists || [ -f "${DISK:?}/disk.raw" ] ||
    refuse "the disk in $DISK was removed from the cache; make it again: npx pulumi up --replace '**VmDisk**'"
}

# Links or copies the base disk, so that it stays as long as the machine, whatever happens to the cache.
make_disk() {
  for each in disk.raw vmlinuz initrd; do
    [ -f "$each" ] || ln "${DISK:?}/$each" "$each" 2>/dev/null || cp --sparse=always "$DISK/$each" "$each"
  done
  [ -f disk.qcow2 ] || qemu-img create -q -f qcow2 -F raw -b disk.raw disk.qcow2 "${DISK_MIB:?}M"
}

# Files that the machine unpacks into its file system at every boot (images/vm/init.sh).
make_settings() {
  rm -rf settings
  mkdir -p settings/etc/ssh
  printf '%s\n' "${NODE_NAME:?}" >settings/etc/hostname
  printf '%s %s' "$OWNER" "$NAME" | md5sum | cut -c 1-32 >settings/etc/machine-id # that of the image is the same for all
  printf '127.0.0.1 localhost\n%s %s\n%s' "${ADDRESS:?}" "$NODE_NAME" "${NEIGHBOURS-}" >settings/etc/hosts
  grep -v '^nameserver 127\.' /etc/resolv.conf >settings/etc/resolv.conf || :
  prefix=$(inspect '{{(index .IPAM.Config 0).Subnet}}' | cut -d / -f 2)
  printf 'ADDRESS=%s/%s\nGATEWAY=%s\n' "$ADDRESS" "$prefix" "$(inspect '{{(index .IPAM.Config 0).Gateway}}')" >settings/etc/dockernet-lan
  printf '%s\n' "${AUTHORIZED_KEY:?}" >settings/etc/ssh/authorized_keys
  printf '%s' "${HOST_KEY:?}" >settings/etc/ssh/ssh_host_ed25519_key
  chmod 755 settings/etc settings/etc/ssh
  chmod 644 settings/etc/host* settings/etc/machine-id settings/etc/resolv.conf settings/etc/dockernet-lan settings/etc/ssh/authorized_keys
  tar -c --owner=0 --group=0 --numeric-owner --sort=name --mtime=@0 -f settings.new -C settings etc
  rm -r settings
}

# The machine's interface, which the supervisor creates. An address of this host on it would be a route into the
# network.
make_lan() { printf '%s %s %s %s\n' "${TAP:?}" "$NETWORK" "$(bridge_of "$NETWORK")" "$OWNER" >lan; }

# QEMU's arguments, one per line. The MAC address is the one that Docker derives from an IPv4 address.
arguments() {
  # shellcheck disable=SC2046,SC2183 # four words
  mac=$(printf '02:42:%02x:%02x:%02x:%02x' $(echo "$ADDRESS" | tr . ' '))
  kernel="console=ttyS0 panic=10 quiet net.ifnames=0 mitigations=off apparmor=0 audit=0 random.trust_cpu=on systemd.show_status=yes TERM=dumb SYSTEMD_COLORS=0"
  cat <<END
-M
q35
-cpu
max
-accel
$1
-smp
${CPUS:?}
-m
${MEMORY_MIB:?}
-nodefaults
-no-user-config
-display
none
-kernel
$VMS/$NAME/vmlinuz
-initrd
$VMS/$NAME/initrd
-append
$kernel
-drive
file=$VMS/$NAME/disk.qcow2,if=virtio,format=qcow2,discard=unmap
-drive
file=$VMS/$NAME/settings.tar,if=virtio,format=raw,readonly=on
-netdev
tap,id=lan,ifname=$TAP,script=no,downscript=no
-device
virtio-net-pci,netdev=lan,mac=$mac
-device
virtio-rng-pci
-serial
file:$VMS/$NAME/console.log
END
}

# The owner's mark is the first file created and the last one removed.
up() {
  umask 077
  mkdir -p "$VMS/$NAME"
  cd "$VMS/$NAME" || exit
  printf '%s\n' "${OWNER:?}" >owner
  make_disk
  make_settings
  make_lan
  case ${ACCELERATION:?} in
  kvm) arguments kvm ;;
  *) arguments tcg,thread=multi,tb-size=$TRANSLATED_MIB ;;
  esac >arguments.new
  if [ "$(machine_state)" = running ] && cmp -s settings.new settings.tar && cmp -s arguments.new arguments; then
    rm settings.new arguments.new
  else
    stop
    mv settings.new settings.tar
    mv arguments.new arguments
    start
  fi
}

down() {
  if exists; then
    as_root
    ours || return 0
    remove_unit
    stop
    rm_tap "$(cut -d ' ' -f 1 "$VMS/$NAME/lan" 2>/dev/null || :)"
    rm_tap "${TAP:-}"
    if [ -e "$VMS/$NAME" ]; then
      find "$VMS/$NAME" -mindepth 1 ! -name owner -delete
      rm -r "${VMS:?}/$NAME"
      rmdir "$VMS" 2>/dev/null || :
    fi
  fi
}

rm_tap() {
  if [ -n "$1" ] && [ "$(alias_of link show dev "$1")" = "$OWNER" ]; then ip link delete dev "$1"; fi
}

# Also finds machines whose folder was removed: their processes and units carry the mark.
owned() {
  {
    for path in "$VMS"/*/; do if [ -d "$path" ]; then basename "$path"; fi; done
    for path in /etc/systemd/system/dockernet-vm-*.service; do
      if [ -e "$path" ]; then basename "$path" .service | sed 's/^dockernet-vm-//'; fi
    done
    pgrep -af "^[^ ]*sh $VMS/[^/]*/supervise[.]sh|^$QEMU -name .* file=$VMS/[^/]*/disk[.]qcow2" |
      sed -n "s,.*$VMS/\\([^/]*\\)/.*,\\1,p"
  } | sort -u | while read -r NAME; do
    UNIT_FILE=/etc/systemd/system/dockernet-vm-$NAME.service
    found "virtual machine" "$NAME" "$(owner_mark)"
  done
  if [ "$(id -u)" -ne 0 ] && [ -d "$VMS" ]; then found hidden "virtual machines" "$(id -un)"; fi
}
