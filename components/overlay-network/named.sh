# shellcheck shell=sh
# The network of this host's engine that has a name. Variables: NAME; LABELS, one per line.

engine() { timeout 60 docker "$@" </dev/null; }
inspect() { engine network inspect --format "$1" "${NAME:?}" 2>/dev/null; }
exists() { engine network inspect "$NAME" >/dev/null 2>&1; }

# shellcheck disable=SC2016 # a template of Go, not of the shell
has_labels() {
  [ "$(inspect '{{range $key, $value := .Labels}}{{$key}}={{$value}}{{"\n"}}{{end}}' | grep . | sort)" = "$(echo "${LABELS:?}" | sort)" ]
}

# The options of `docker network create` for the labels, which have no spaces.
label_options() { echo "$LABELS" | sed 's/^/--label /'; }
