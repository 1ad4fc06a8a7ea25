# shellcheck shell=sh
# Secrets and configs of a service. Variables: NAME, the service; OWNER, as project/stack; SPEC, the service, with `@KIND:NAME@` in
# place of the id of each; FILES, a line each, may be empty: kind, name, and the body of the request that creates it, or `-` for one
# that exists and is not of this service.
# shellcheck source=components/swarm-cluster/manager.sh
. ../swarm-cluster/manager.sh

# file FORMAT KIND NAME: prints something of a secret or a config; fails without one.
file() { engine "$2" inspect --format "$1" "$3" 2>/dev/null; }

file_is_ours() {
  [ "$(file '{{with .Spec.Labels}}{{index . "dockernet.project"}}/{{index . "dockernet.stack"}} {{index . "dockernet.service"}}{{end}}' "$1" "$2")" = "${OWNER:?} ${NAME:?}" ]
}

# each_file FUNCTION: calls a function with kind, name and body of each.
each_file() {
  while read -r kind name body; do
    if [ -n "$kind" ]; then "$1" "$kind" "$name" "$body"; fi
  done <<EOT
${FILES-}
EOT
}

check_file() {
  if [ "$3" = - ]; then
    file '{{.ID}}' "$1" "$2" >/dev/null || refuse "the swarm has no $1 $2"
  elif file '{{.ID}}' "$1" "$2" >/dev/null && ! file_is_ours "$1" "$2"; then
    refuse "a $1 with the name $2 exists already and does not belong to this service; it was left unchanged"
  fi
}

# send PATH: standard input to the engine, as the body of a request; prints its answer.
send() {
  said=$(request 60 "$1") || :
  case $(echo "$said" | tail -n 1) in
  "status 200" | "status 201") printf '%s\n' "$said" | sed '$d' ;;
  *) refuse "the engine refused it: $(echo "$said" | head -n 1 | cut -c 1-500)" ;;
  esac
}

create_file() {
  id=$(file '{{.ID}}' "$1" "$2") || {
    printf '%s' "$3" | send "$1s/create" >/dev/null
    id=$(file '{{.ID}}' "$1" "$2") || refuse "the engine created the $1 $2 and does not know it"
  }
  SPEC=$(printf '%s' "$SPEC" | sed "s/@$1:$2@/$id/")
}

# remove_files KEPT: removes those of this service that are not in these lines.
remove_files() {
  for kind in secret config; do
    if [ "$(get "${kind}s?filters={\"label\":[\"dockernet.service=$NAME\"]}")" = "[]" ]; then continue; fi
    engine "$kind" ls --format '{{.Name}}' --filter "label=dockernet.service=$NAME" | while read -r name; do
      if ! file_is_ours "$kind" "$name"; then continue; fi
      if echo "$1" | grep -q "^$kind $name "; then continue; fi
      said=$(engine "$kind" rm "$name" 2>&1) || echo "the $kind $name stays: $(echo "$said" | tail -n 1 | cut -c 1-300)" >&2
    done
  done
}
