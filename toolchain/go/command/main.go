// Command pulumi-resource-command is the command provider for machines that reach package registries only.
//
// It keeps the contract of pulumi-command 1.2.1, whose Go module the proxy does not serve: the same tokens,
// properties, defaults and life cycle, so that a stack does not notice which of the two it runs with.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/pulumi/pulumi-go-provider/infer"

	"dockernet/toolchain/command/local"
	"dockernet/toolchain/command/remote"
)

const version = "1.2.1"

func main() {
	provider, err := infer.NewProviderBuilder().
		WithResources(
			infer.Resource(local.Command{}),
			infer.Resource(remote.Command{}),
			infer.Resource(remote.CopyToRemote{}),
		).
		WithFunctions(infer.Function(local.Run{})).
		Build()
	if err == nil {
		err = provider.Run(context.Background(), "command", version)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
