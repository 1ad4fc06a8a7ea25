# shellcheck shell=sh
# Restarts this host's Docker engine while its containers keep running, which needs live-restore. The setting is added
# to daemon.json for the restart, and the file is then restored byte for byte. The including script defines info, which
# prints a field of `docker info`.

CONFIG=/etc/docker/daemon.json

# has_settings FILE: whether the file exists and contains settings.
has_settings() {
  [ -e "$1" ] || return
  case $(tr -d '[:space:]' <"$1") in '' | '{}') return 1 ;; esac
}

# settings_with VALUE FILE: prints a file's settings with live-restore set to VALUE. Fails if the file already sets it
# or cannot be parsed.
settings_with() {
  if ! has_settings "$2"; then
    echo "{ \"live-restore\": $1 }"
    return
  fi
  python3 -I -c '
import json, sys
settings = json.load(sys.stdin)
if "live-restore" in settings:
    sys.exit(1)
settings["live-restore"] = sys.argv[1] == "true"
print(json.dumps(settings))
' "$1" <"$2" 2>/dev/null
}

# An engine without live-restore stops its containers when it stops.
lend_live_restore() {
  if ! settings=$(settings_with true "$CONFIG"); then return 0; fi
  if [ -e "$CONFIG" ]; then cp -p "$CONFIG" "$CONFIG.dockernet"; else : >"$CONFIG.dockernet"; fi
  echo "$settings" >"$CONFIG"
  # An engine with a cluster store must not reload its settings: 20.10 then stops announcing itself to the store, and hangs
  # at the second reload. It was started with live-restore anyway.
  if ! store=$(info '{{.ClusterStore}}') || [ -n "$store" ] || reload true; then return; fi
  put_config_back
}

reload() {
  systemctl reload docker.service || return 1
  for _ in $(seq 50); do
    if [ "$(info '{{.LiveRestoreEnabled}}')" = "$1" ]; then return; fi
    sleep 0.1
  done
  return 1
}

return_live_restore() {
  if [ -e "$CONFIG.dockernet" ] && store=$(info '{{.ClusterStore}}') && [ -z "$store" ]; then
    if settings=$(settings_with false "$CONFIG.dockernet"); then
      echo "$settings" >"$CONFIG"
      reload false || true
    fi
  fi
  put_config_back
}

put_config_back() {
  if [ -s "$CONFIG.dockernet" ]; then
    mv "$CONFIG.dockernet" "$CONFIG"
  elif [ -e "$CONFIG.dockernet" ]; then
    rm -f "$CONFIG" "$CONFIG.dockernet"
  fi
}

# Waits for a restart that the engine has queued itself (ExecStartPost in drop_in), which also needs the setting.
await_idle() {
  for _ in $(seq 180); do
    if [ -z "$(systemctl show -p Job --value docker.service)" ]; then return; fi
    sleep 0.5
  done
  return 1
}

# Restarts the engine. Containers keep running if live-restore can be set, and are started again otherwise.
running=
restart() {
  put_config_back
  systemctl daemon-reload
  running=${running:-$(timeout 20 docker ps --quiet --no-trunc 2>/dev/null || true)}
  # Needed even if no container runs, because an engine with a store cannot reload the setting later. Until its next
  # start, containers also keep running at a shutdown of the engine, after which it has to start twice (see drop_in).
  lend_live_restore
  # Restarts count towards the unit's limit, and a restart blocks while the store has no quorum.
  systemctl reset-failed docker.service docker.socket 2>/dev/null || true
  if ! { timeout 90 systemctl restart docker.service && await_idle; }; then
    put_config_back
    return 1
  fi
  return_live_restore
  for container in $running; do
    timeout 60 docker start "$container" >/dev/null 2>&1 || echo "container $container did not come back" >&2
  done
}
