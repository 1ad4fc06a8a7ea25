package main

import (
	"context"
	"regexp"

	"github.com/docker/docker/api/types/versions"
	"github.com/docker/docker/client"
	"github.com/hashicorp/terraform-plugin-sdk/v2/diag"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"

	"github.com/terraform-providers/terraform-provider-docker/shim"
)

// newestAPI is the newest version of the engine's API with which what this client asks was tried. By itself the client
// speaks 1.41 at the most, which an engine may refuse as too old (29.0 did, and "min-api-version" makes any of them).
const newestAPI = "1.44"

var tooOld = regexp.MustCompile(`Minimum supported API version is (\d+\.\d+)`)

// raiseAPI makes the client of a provider speak the oldest API that the engine takes, where its own is older.
func raiseAPI(p *schema.Provider) {
	configure := p.ConfigureContextFunc
	p.ConfigureContextFunc = func(ctx context.Context, d *schema.ResourceData) (any, diag.Diagnostics) {
		meta, diags := configure(ctx, d)
		if diags.HasError() {
			return meta, diags
		}
		engine := shim.Client(meta)
		if _, err := engine.ServerVersion(ctx); err != nil {
			if least := leastAPI(err); least != "" {
				diags = append(diags, diag.FromErr(client.WithVersion(least)(engine))...)
			}
		}
		return meta, diags
	}
}

// leastAPI is the version that an engine asks for in place of an older one; empty where it is newer than newestAPI, and
// the engine's own words say what is wrong.
func leastAPI(refusal error) string {
	said := tooOld.FindStringSubmatch(refusal.Error())
	if said == nil || versions.GreaterThan(said[1], newestAPI) {
		return ""
	}
	return said[1]
}
