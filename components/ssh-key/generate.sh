# shellcheck shell=sh
# Makes an ed25519 key pair and prints it: the private key, then the public one. No variables.
# Once made it stays the same: it is in PULUMI_COMMAND_STDOUT, with what was before and after it in an earlier version.

check() {
  command -v ssh-keygen >/dev/null || {
    echo "the program ssh-keygen is missing (package openssh-client)" >&2
    exit 1
  }
}

up() {
  if printf '%s\n' "${PULUMI_COMMAND_STDOUT:-}" | sed -n '/^-----BEGIN/,/^-----END/p; /^ssh-ed25519 /p' | grep .; then return; fi
  made=$(mktemp -d)
  ssh-keygen -q -t ed25519 -N '' -C '' -f "$made/key" </dev/null || {
    rm -r "$made"
    return 1
  }
  # Last of all: the error of a command that fails has everything that it printed.
  pair=$(cat "$made/key" "$made/key.pub")
  rm -r "$made"
  printf '%s\n' "$pair"
}

down() { :; }
