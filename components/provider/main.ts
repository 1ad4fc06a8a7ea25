#!/usr/bin/env node
import { main } from "@pulumi/pulumi/provider/index.js";
import { constructing, DockernetProvider } from "./provider.ts";

// With an error in an output, the SDK ends every creation that is under way. This runs before its own listener.
process.on("unhandledRejection", (error) => {
  const resource = constructing.getStore();
  if (resource && error instanceof Error && !error.message.startsWith(resource)) {
    error.message = `${resource}: ${error.message}`;
  }
});

void main(new DockernetProvider(), process.argv.slice(2));
