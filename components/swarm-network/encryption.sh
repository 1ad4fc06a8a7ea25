# shellcheck shell=sh
# Whether this host can be on an encrypted network. Variable: ENCRYPTED, true or false.
# shellcheck source=components/host-script/kernelModule.sh
. ../host-script/kernelModule.sh

# An engine makes such a network on every kernel.
require_encryption() {
  if [ "${ENCRYPTED:?}" = false ]; then return; fi
  [ "$(module_state esp4)" != missing ] ||
    refuse "the kernel of $(hostname) has no ESP (esp4), without which an encrypted network carries no packets; set encrypted: false"
}
