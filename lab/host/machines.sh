# shellcheck shell=sh
# Verb: machines. Prints the virtual machines of this host (PracticeVm), a line `machine NAME OWNER STATE WHAT` for each
# (components/practice-vm/health.sh), or `machine.hidden USER` if only root may list them. Changes nothing. No
# variables.
# shellcheck source=components/host-script/owned.sh
. ../../components/host-script/owned.sh
# shellcheck source=components/practice-vm/machines.sh
. ../../components/practice-vm/machines.sh
# shellcheck source=components/practice-vm/health.sh
. ../../components/practice-vm/health.sh

machines() {
  if [ -d "$VMS" ] && [ "$(id -u)" -ne 0 ]; then echo "machine.hidden $(id -un)"; fi
  for path in "$VMS"/*/; do
    if [ -d "$path" ]; then
      NAME=$(basename "$path")
      echo "machine $NAME $(owner_file "${path%/}") $(machine_state)"
    fi
  done
}
