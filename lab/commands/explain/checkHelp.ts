import type { Check } from "../../../stacks/checks.ts";

/** How a kind of check proves what it says, and what a failure may come from. */
interface CheckHelp {
  readonly how: string;
  readonly may: string;
}

export const CHECK_HELP: Readonly<Record<Check["kind"], CheckHelp>> = {
  ping: {
    how: "one echo request is sent (icmp(7)), and whether a reply comes is compared with what the lesson says",
    may: "no way there or back, an end that is down, a firewall rule, or an aim that does not run",
  },
  tcp: {
    how: "a TCP connection is opened: open, refused (the machine is there, nobody listens) or silent (nothing comes back)",
    may: "a service that does not run, one that listens elsewhere, or no way there",
  },
  http: {
    how: "a page is fetched by GET, and a line of it compared with what the lesson says",
    may: "a service that does not run, a back end that it cannot reach, or NAT that did not take place",
  },
  dns: {
    how: "the name is looked up in the container: /etc/hosts first, then its name server (nsswitch.conf(5))",
    may: "another network than the lesson's, a name that was not given, or an entry in /etc/hosts",
  },
  counts: {
    how: "many visits are made at once, and every number in the answers must be there exactly once",
    may: "a port that leads nowhere, a back end that cannot be reached, or a count that is not taken in one step",
  },
  interface: {
    how: "the interfaces of the place are listed (ip-address(8)), and one compared with what the lesson says",
    may: "an interface that was set down, deleted, moved or given another address",
  },
  interfaces: {
    how: "the names of all interfaces of the place are compared with the lesson's",
    may: "another network than the lesson's, or an interface that somebody added",
  },
  stack: {
    how: "the container's network namespace, /proc/self/ns/net, is compared with the host's (namespaces(7))",
    may: "a container that was made with another --network",
  },
  bridged: {
    how: "eth0 says the number of its other end (/sys/class/net/eth0/iflink), and the host which bridge that is a port of",
    may: "a cable that was pulled out of the bridge, or another network than the lesson's",
  },
  attached: {
    how: "the engine is asked for the container's networks: they must be the lesson's and no others",
    may: "docker network connect or disconnect by hand, or another container of that name",
  },
  driver: {
    how: "the engine is asked for the driver of the container's network",
    may: "a container that was made with another --network",
  },
  private: {
    how: "the container's address is compared with the private blocks (RFC 1918)",
    may: "a network with a block of public addresses",
  },
  published: {
    how: "the engine is asked for the ports of the host that lead to the container",
    may: "a container that was made with other --publish options",
  },
  environment: {
    how: "the variable is printed inside the container",
    may: "a container that was made with other --env options",
  },
  versions: {
    how: "each machine's etcd is asked for its version: they must be one, of 3.3 to 3.5",
    may: "a member that does not run, or an upgrade on one machine alone",
  },
  process: {
    how: "the arguments of the running program are read from /proc and compared with the tutorial's",
    may: "a member that does not run, or that somebody started by hand",
  },
  quorum: {
    how: "etcd's /health commits a proposal, which needs a majority; then each member is asked for its version",
    may: "members that do not run or cannot reach each other",
  },
  store: {
    how: "docker info is asked for the engine's cluster store and what it advertises",
    may: "an engine that was started without its drop-in, or with another one after it",
  },
  shared: {
    how: "each engine is asked for the id of the network: it must be one",
    may: "an engine without the store, or one that lost it",
  },
  stored: {
    how: "the network's key is read from etcd (API v2) and compared with the engine's id",
    may: "a store that was emptied, or a member of another cluster",
  },
  duplicate: {
    how: "a container of the same name is run on the other machine: the engine must refuse it",
    may: "a store that does not answer, or a network that is not shared",
  },
  vxlan: {
    how: "packets that the network's VXLAN interface has sent are counted before and after echo requests (RFC 7348)",
    may: "no forwarding entry for the other machine, or UDP port 4789 closed between them",
  },
};
