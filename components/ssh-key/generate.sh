# shellcheck shell=sh
# Generates an ed25519 key pair and prints the private key, then the public key. Variable: PULUMI_COMMAND_STDOUT, the
# output of the previous up, whose key pair is kept.
# shellcheck source=components/host-script/prelude.sh
. ../host-script/prelude.sh

SUBJECT="SSH key"

check() { require_program ssh-keygen openssh-client; }

up() {
  if printf '%s\n' "${PULUMI_COMMAND_STDOUT:-}" | sed -n '/^-----BEGIN/,/^-----END/p; /^ssh-ed25519 /p' | grep .; then return; fi
  made=$(mktemp -d)
  ssh-keygen -q -t ed25519 -N '' -C '' -f "$made/key" </dev/null || {
    rm -r "$made"
    return 1
  }
  # Printed last, because the error of a failed command contains all of its output.
  pair=$(cat "$made/key" "$made/key.pub")
  rm -r "$made"
  printf '%s\n' "$pair"
}

down() { :; }
