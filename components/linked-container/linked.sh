# shellcheck shell=sh
# A container with a legacy link to another one on the default bridge (docker-run(1), --link). Variables: NAME,
# HOST_NAME, IMAGE, TARGET (the other container's id), ALIAS (its name from here), LABELS (key=value, one a line).

refuse() {
  echo "container ${NAME:?}: $1" >&2
  exit 1
}

exists() { docker container inspect "$NAME" >/dev/null 2>&1; }

# Whether the container of that name has all of the labels.
ours() {
  set -- --filter "name=^/$NAME\$"
  while read -r label; do set -- "$@" --filter "label=$label"; done <<EOT
${LABELS:?}
EOT
  [ -n "$(docker ps --all --quiet "$@")" ]
}

check() {
  command -v docker >/dev/null || refuse "a link needs the docker command, which is missing on this machine"
  version=$(docker version --format '{{.Server.Version}}') || refuse "no Docker engine answers"
  # Of a version that is no number nothing can be told; such an engine is asked for a link.
  major=$(printf '%s\n' "$version" | sed -n 's/^v\{0,1\}\([0-9]\{1,\}\)\..*/\1/p')
  [ "${major:-0}" -lt 30 ] ||
    refuse "Docker engine $version has no links on the default bridge (removed in 30.0); use a user-defined network"
  if exists && ! ours; then refuse "exists already and is not this environment's; it was left as it is"; fi
}

# Made anew if it is there: what it was made with cannot be changed.
up() {
  down
  printf '%s\n' "$LABELS" | docker run --detach --name "$NAME" --hostname "${HOST_NAME:?}" \
    --link "${TARGET:?}:${ALIAS:?}" --label-file /dev/stdin --restart unless-stopped --init \
    --cap-drop ALL --security-opt no-new-privileges "${IMAGE:?}"
  [ "$(docker container inspect --format '{{len .HostConfig.Links}}' "$NAME")" -gt 0 ] ||
    refuse "Docker engine $version made it without its link (links were removed in 30.0); use a user-defined network"
}

down() {
  if exists && ours; then docker rm --force "$NAME" >/dev/null; fi
}
