# shellcheck shell=sh
# Functions shared by several scripts. A script includes this file and sets SUBJECT, the object named in messages.

# refuse MESSAGE [CODE]: ends the script with an error. CODE 3 means that the answer is unknown (look.sh); default 1.
refuse() {
  echo "$SUBJECT: $1" >&2
  exit "${2:-1}"
}

# Without root, objects that cannot be read would seem to be missing.
as_root() {
  [ "$(id -u)" -eq 0 ] ||
    refuse "only root can make or remove it, and this is $(id -un); use a host whose user is root or has sudo: true"
}

# require_program PROGRAM PACKAGE
require_program() { command -v "$1" >/dev/null || refuse "the program $1 is missing (package $2)"; }

# has_address ADDRESS: whether an interface of this host has this IPv4 address.
has_address() { ip -o -4 address show | awk '{ sub("/.*", "", $4); print $4 }' | grep -Fqx "$1"; }

# alias_of ARGUMENTS: prints the alias of the interface that `ip ARGUMENTS` selects. It names the owner.
alias_of() { ip -o "$@" 2>/dev/null | sed -n 's/.*\\ *alias //p'; }

# same_settings FILE FILE: whether two files differ in comments only, such as the owner, so that no restart is needed.
same_settings() { [ "$(grep -v '^#' "$1")" = "$(grep -v '^#' "$2" 2>/dev/null)" ]; }
