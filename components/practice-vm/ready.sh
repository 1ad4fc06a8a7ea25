# shellcheck shell=sh
# Waits until a virtual machine is ready (answers.sh), and prints its engine's version. A machine that does not run, for
# example after a restart of this host, is started again with its disk. Variables: those of answers.sh; NAME; OWNER;
# ACCELERATION, `kvm` or `tcg`; WITHIN and EMULATED_WITHIN, the time limits for each in seconds; ID, the machine's id,
# which runs this script again for another machine. lab/commands/recover also runs it.
# shellcheck source=components/host-script/prelude.sh
. ../host-script/prelude.sh
# shellcheck source=components/practice-vm/machines.sh
. ./machines.sh
# shellcheck source=components/practice-vm/health.sh
. ./health.sh
# shellcheck source=components/practice-vm/supervisor.sh
. ./supervisor.sh
# shellcheck source=components/practice-node/answers.sh
. ../practice-node/answers.sh

NODE=${NAME:?}
SUBJECT="virtual machine $NAME"

check() { :; }

ended() { ! running; }

# Prints QEMU's own messages, and the end of the console.
last_lines() {
  cat "$VMS/$NAME/qemu.log"
  tail -n 20 "$VMS/$NAME/console.log"
}

# In software emulation a login takes seconds.
up() {
  again
  case ${ACCELERATION:?} in
  kvm) await_engine "${WITHIN:?}" 3 ;;
  *) await_engine "${EMULATED_WITHIN:?}" 20 ;;
  esac
}

down() { :; }
