# shellcheck shell=sh
# The end of a component's script whose checks are made without a change to follow. Prints what they say, a line
# `check.NAME MESSAGE` for each, whose message is empty where nothing is wrong, or `unseen.NAME MESSAGE`.

# Who only looks has less time than who installs, and fetches no package lists.
PATIENCE=6
timeout() {
  shift
  command timeout "$PATIENCE" "$@"
}
docker() { command timeout "$PATIENCE" docker "$@"; }
fetch_lists() {
  echo "which etcd apt would install cannot be told: it has no package lists yet" >&2
  exit 3
}

run_checks() {
  for name in "$@"; do
    code=0
    said=$("check_$name" 2>&1 >/dev/null) || code=$?
    case $code in
    0) echo "check.$name" ;;
    3) echo "unseen.$name $said" ;;
    *) printf 'check.%s %s\n' "$name" "$(printf '%s\n' "${said:-failed}" | tail -n 1)" ;;
    esac
  done
}
