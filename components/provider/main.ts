#!/usr/bin/env node
import { main } from "@pulumi/pulumi/provider/index.js";
import { constructing, DockernetProvider } from "./provider.ts";

// If an output fails, the SDK ends all creations in progress. This listener runs before the SDK's own.
process.on("unhandledRejection", (error) => {
  const resource = constructing.getStore();
  if (resource && error instanceof Error && !error.message.startsWith(resource)) {
    error.message = `${resource}: ${error.message}`;
  }
});

void main(new DockernetProvider(), process.argv.slice(2));
