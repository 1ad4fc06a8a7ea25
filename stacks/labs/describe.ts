import type * as z from "zod";
import type { Identity } from "../../components/lib/identity.ts";
import type { ServiceName } from "../images.ts";

/** What a lab needs of the host that it is on. */
export interface Needs {
  /** Kernel modules. */
  readonly modules: readonly string[];
  /**
   * What the lab does without a kernel module, by the names of modules that it does not need.
   * @default - it has no use for other modules
   */
  readonly without?: Readonly<Record<string, string>>;
  /** Images of its containers, without those of practice nodes. */
  readonly images: readonly ServiceName[];
  /** Whether it needs a Docker engine, whose containers reach out through the host. */
  readonly engine: boolean;
  /**
   * The first major version of the engine that the lab does not work with, and why.
   * @default - every engine will do
   */
  readonly before?: { readonly major: number; readonly because: string };
  /**
   * Settings of dockerd(8) with which its checks cannot pass.
   * @default - none
   */
  readonly spoiledBy?: readonly EngineSetting[];
  /**
   * What its scripts need root for.
   * @default - nothing
   */
  readonly root?: string;
}

/** Settings of an engine that may keep labs from working, by their names in daemon.json. */
export type EngineSetting = "bridge" | "icc" | "bip" | "iptables" | "ip-masq" | "userns-remap";

/** What a lab with a bridge needs. */
export const BRIDGED = { modules: ["veth", "bridge", "br_netfilter"], engine: true };

/** A lab's share of the environment's addresses and ports. */
export interface Share {
  readonly identity: Identity;
  /** Block for its network. */
  readonly subnet: string;
  /** Port of this host. */
  readonly port: number;
}

/** The environments that the project brings. */
export type PresetName = "practice" | "basics" | "swarm";

/**
 * All that is known of a lab before it is built. Its resources and checks are in the file build.ts beside it, which only the program
 * loads: it needs Pulumi's SDK, which takes longer than most commands of `lab`.
 */
export interface LabDescription<S extends z.ZodObject = z.ZodObject, R = unknown> {
  /** The first row that is its own: of the tutorial, or one after the tutorial's last. */
  readonly row: number;
  /** Schema of its settings, all of which have a default or are optional. */
  readonly settings: S;
  /** Fills in what the settings leave out. */
  resolve(settings: z.output<S>, share: Share): R;
  /**
   * Blocks of addresses and ports of this host that it takes, by the settings that choose them.
   * @default - none
   */
  reserves?(settings: NoInfer<R>): {
    readonly subnets?: Readonly<Record<string, string>>;
    readonly ports?: Readonly<Record<string, number>>;
  };
  /**
   * Other addresses and blocks that it uses, by the settings that choose them.
   * @default - none
   */
  uses?(settings: NoInfer<R>): Readonly<Record<string, readonly string[]>>;
  /**
   * What is wrong with the settings as a whole, in an environment with that many hosts: each the name of a setting, a colon, and
   * a sentence.
   * @default - nothing
   */
  problems?(settings: NoInfer<R>, hosts: number): string[];
  /**
   * The hosts that it is on: all of them, or some by name.
   * @default - none but the one that runs Pulumi
   */
  hosts?(settings: NoInfer<R>): "all" | readonly string[] | undefined;
  readonly needs: Needs;
  /**
   * Interfaces that it creates on the engine's host, outside of all namespaces, by their names in `practice`: other environments
   * have names derived from these (`interfaceName`). Each has the owner mark as its alias.
   * @default - none
   */
  readonly interfaces?: readonly string[];
  /** The environments of the project that have it, with their settings for it. */
  readonly presets: { readonly [P in PresetName]?: z.input<S> };
}

export const describeLab = <S extends z.ZodObject, R>(description: LabDescription<S, R>) => description;
