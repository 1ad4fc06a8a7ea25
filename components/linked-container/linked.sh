# shellcheck shell=sh
# A container with a legacy link to another one on the default bridge (docker-run(1), --link). Variables: NAME,
# HOST_NAME, IMAGE, TARGET (the other container's id), ALIAS (its name from here), LABELS (key=value, one per line).
# shellcheck source=components/host-script/prelude.sh
. ../host-script/prelude.sh

SUBJECT="container ${NAME:?}"

exists() { docker container inspect "$NAME" >/dev/null 2>&1; }

# Whether the container has all the labels.
ours() {
  set -- --filter "name=^/$NAME\$"
  while read -r label; do set -- "$@" --filter "label=$label"; done <<EOT
${LABELS:?}
EOT
  [ -n "$(docker ps --all --quiet "$@")" ]
}

check() {
  command -v docker >/dev/null || refuse "a link needs the docker command, which is missing on this host"
  version=$(docker version --format '{{.Server.Version}}') || refuse "no Docker engine answers"
  # If the version is not a number, up finds out whether the engine supports links.
  major=$(printf '%s\n' "$version" | sed -n 's/^v\{0,1\}\([0-9]\{1,\}\)\..*/\1/p')
  [ "${major:-0}" -lt 30 ] ||
    refuse "Docker engine $version has no links on the default bridge (removed in 30.0); use a user-defined network"
  if exists && ! ours; then refuse "exists already and does not belong to this environment; it was left unchanged"; fi
}

# An existing container is recreated, since its settings cannot be changed.
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
