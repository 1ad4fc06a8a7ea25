/** Shell commands on a node of the overlay lab that take the endpoint of test13 from its cluster store, and put it back there. */
export const TAKE_ENDPOINT = `export ETCDCTL_API=2
  for key in $(etcdctl ls --recursive /docker/network/v1.0/endpoint); do
    case $(etcdctl get "$key" 2>/dev/null) in *'"name":"test13"'*) endpoint=$key value=$(etcdctl get "$key") ;; esac
  done`;
export const PUT_ENDPOINT_BACK = 'etcdctl set "$endpoint" "$value" >/dev/null';
