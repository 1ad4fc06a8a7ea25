// Package shim is the door to the Terraform provider's internal package: its own path lies below the provider's, which
// is what Go asks of an importer.
package shim

import (
	"github.com/docker/docker/client"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"

	"github.com/terraform-providers/terraform-provider-docker/internal/provider"
)

// NewProvider returns a fresh copy of the Terraform provider; its maps may be changed.
func NewProvider(version string) *schema.Provider { return provider.New(version)() }

// Client returns the engine's client from what the provider hands to its resources.
func Client(meta any) *client.Client { return meta.(*provider.ProviderConfig).DockerClient }
