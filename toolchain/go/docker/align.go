package main

import (
	"context"
	"strings"
	"time"

	"github.com/docker/docker/client"
	"github.com/hashicorp/terraform-plugin-sdk/v2/diag"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"

	"github.com/terraform-providers/terraform-provider-docker/shim"
)

// alignedProvider is terraform-provider-docker 2.23.0 without the properties that @pulumi/docker 5 has dropped, and with
// the behaviour of 5 where a program would notice (README.md says which).
func alignedProvider() *schema.Provider {
	p := shim.NewProvider(upstream)
	raiseAPI(p)
	alignContainer(p.ResourcesMap["docker_container"])
	alignImage(p.ResourcesMap["docker_image"])
	alignNetwork(p.ResourcesMap["docker_network"])
	alignVolume(p.ResourcesMap["docker_volume"])
	return p
}

func alignImage(r *schema.Resource) {
	drop(r, "latest", "output", "pull_trigger")
	r.Schema["pull_triggers"].ConflictsWith = nil
	r.Schema["build"].ConflictsWith = []string{"pull_triggers"}
}

func alignVolume(r *schema.Resource) {
	read := r.ReadContext
	r.ReadContext = func(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
		if _, err := shim.Client(meta).VolumeInspect(ctx, d.Id()); client.IsErrNotFound(err) {
			d.SetId("")
			return nil
		}
		return read(ctx, d, meta)
	}
	r.DeleteContext = func(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
		return remove(ctx, "volume is in use", func() error {
			return shim.Client(meta).VolumeRemove(ctx, d.Id(), true)
		})
	}
}

func drop(r *schema.Resource, names ...string) {
	for _, name := range names {
		delete(r.Schema, name)
	}
}

// removalPatience is how long something may still be in use; 2.23.0 waits as long, but looks only every five seconds.
const removalPatience = 30 * time.Second

// remove repeats a removal while the engine answers that the thing is still busy. Already gone is success.
func remove(ctx context.Context, busy string, attempt func() error) diag.Diagnostics {
	for deadline := time.Now().Add(removalPatience); ; {
		err := attempt()
		switch {
		case err == nil || client.IsErrNotFound(err):
			return nil
		case !strings.Contains(err.Error(), busy) || time.Now().After(deadline):
			return diag.FromErr(err)
		}
		if err := sleep(ctx, 200*time.Millisecond); err != nil {
			return diag.FromErr(err)
		}
	}
}

func sleep(ctx context.Context, pause time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(pause):
		return nil
	}
}

func set(d *schema.ResourceData, values map[string]any) diag.Diagnostics {
	for name, value := range values {
		if err := d.Set(name, value); err != nil {
			return diag.FromErr(err)
		}
	}
	return nil
}
