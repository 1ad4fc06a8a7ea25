package main

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/docker/docker/api/types"
	"github.com/docker/docker/client"
	"github.com/docker/docker/pkg/stdcopy"
	"github.com/hashicorp/terraform-plugin-sdk/v2/diag"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"

	"github.com/terraform-providers/terraform-provider-docker/shim"
)

func alignContainer(r *schema.Resource) {
	drop(r, "links", "networks", "network_alias", "ip_address", "ip_prefix_length", "gateway")
	mode := r.Schema["network_mode"]
	mode.Default = "bridge"
	mode.DiffSuppressFunc = func(_, before, after string, _ *schema.ResourceData) bool {
		return bridgeMode(before) == bridgeMode(after)
	}
	// 2.23.0 says that it updated these, and changes nothing.
	check := r.Schema["healthcheck"].Elem.(*schema.Resource).Schema
	for _, s := range append(slices.Collect(maps.Values(check)), r.Schema["init"], r.Schema["tmpfs"]) {
		s.ForceNew = true
	}
	check["test"].Required, check["test"].Optional = false, true
	r.Schema["network_data"].Elem.(*schema.Resource).Schema["mac_address"] = &schema.Schema{Type: schema.TypeString, Computed: true}
	c := container{r.CreateContext, r.ReadContext, r.UpdateContext, r.DeleteContext}
	r.CreateContext, r.ReadContext, r.UpdateContext, r.DeleteContext = c.create, c.read, c.update, c.delete
	r.Importer.StateContext = importContainer(r.Schema)
}

// bridgeMode gives the one network that the engine calls by three names one of them.
func bridgeMode(mode string) string {
	if mode == "" || mode == "default" {
		return "bridge"
	}
	return mode
}

// container holds the functions of 2.23.0 that those below stand on.
type container struct {
	upstreamCreate schema.CreateContextFunc
	upstreamRead   schema.ReadContextFunc
	upstreamUpdate schema.UpdateContextFunc
	upstreamDelete schema.DeleteContextFunc
}

// create does the waiting for health itself: 2.23.0 dies of a container without a health check, and of one that is
// removed while it waits. A container that did not come up is removed again, or the next attempt would find its name
// taken.
func (c container) create(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	wait, devices := d.Get("wait").(bool), d.Get("devices")
	d.Set("wait", false)
	diags := c.upstreamCreate(ctx, d, meta)
	diags = append(diags, set(d, map[string]any{"wait": wait, "devices": devices})...)
	if wait && d.Get("start").(bool) && !diags.HasError() {
		diags = append(diags, diag.FromErr(awaitHealth(ctx, d, shim.Client(meta)))...)
	}
	if diags.HasError() {
		if d.Id() != "" {
			diags = append(diags, c.delete(context.WithoutCancel(ctx), d, meta)...)
		}
		return diags
	}
	found, err := shim.Client(meta).ContainerInspect(ctx, d.Id())
	if client.IsErrNotFound(err) { // with rm, as soon as it has ended
		return diags
	}
	if err != nil {
		return diag.FromErr(err)
	}
	return append(diags, set(d, map[string]any{"network_data": networkData(found)})...)
}

func awaitHealth(ctx context.Context, d *schema.ResourceData, engine *client.Client) error {
	limit := time.Duration(d.Get("wait_timeout").(int)) * time.Second
	for deadline := time.Now().Add(limit); ; {
		found, err := engine.ContainerInspect(ctx, d.Id())
		switch {
		case err != nil:
			return err
		case found.State.Health == nil:
			return fmt.Errorf("wait: neither the container nor its image has a health check")
		case found.State.Health.Status == types.Healthy:
			return nil
		case !found.State.Running && !found.State.Restarting:
			return fmt.Errorf("container exited with code %d before it was healthy%s", found.State.ExitCode, lastLog(ctx, d, engine))
		case time.Now().After(deadline):
			return fmt.Errorf("container was not healthy within %s%s", limit, lastLog(ctx, d, engine))
		}
		if err := sleep(ctx, 200*time.Millisecond); err != nil {
			return err
		}
	}
}

// lastLog returns what a container that is about to be removed said last.
func lastLog(ctx context.Context, d *schema.ResourceData, engine *client.Client) string {
	logs, err := engine.ContainerLogs(ctx, d.Id(), types.ContainerLogsOptions{ShowStdout: true, ShowStderr: true, Tail: "10"})
	if err != nil {
		return ""
	}
	defer logs.Close()
	var text bytes.Buffer
	if d.Get("tty").(bool) {
		_, err = text.ReadFrom(logs)
	} else {
		_, err = stdcopy.StdCopy(&text, &text, logs)
	}
	if err != nil || text.Len() == 0 {
		return ""
	}
	return "; its last output:\n" + strings.TrimSpace(text.String())
}

// read reports a stopped container as one that need not run, which the next update changes by starting it; 2.23.0
// removes it. What a stopped container does not have keeps its value, or it would be replaced instead.
func (c container) read(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	found, err := shim.Client(meta).ContainerInspect(ctx, d.Id())
	if client.IsErrNotFound(err) {
		d.SetId("")
		return nil
	}
	if err != nil {
		return diag.Errorf("Unable to inspect container: %s", err)
	}
	d.SetId(found.ID) // an import may name the container
	devices, ports, networks := d.Get("devices").(*schema.Set), d.Get("ports"), d.Get("network_data")
	if !found.State.Running {
		d.Set("must_run", false)
	}
	if diags := c.upstreamRead(ctx, d, meta); diags.HasError() || d.Id() == "" {
		return diags
	}
	values := map[string]any{"ports": ports, "network_data": networks}
	if found.State.Running {
		values = map[string]any{"network_data": networkData(found)}
	}
	if devices.Len() > 0 { // the engine fills in what the program left out, and that would replace the container
		values["devices"] = devices
	}
	return set(d, values)
}

// networkData lists the networks by name; 2.23.0 has another order each time, and no MAC address.
func networkData(found types.ContainerJSON) []any {
	all := []any{}
	for _, name := range slices.Sorted(maps.Keys(found.NetworkSettings.Networks)) {
		one := found.NetworkSettings.Networks[name]
		all = append(all, map[string]any{
			"network_name": name, "mac_address": one.MacAddress,
			"ip_address": one.IPAddress, "ip_prefix_length": one.IPPrefixLen, "gateway": one.Gateway,
			"global_ipv6_address": one.GlobalIPv6Address, "global_ipv6_prefix_length": one.GlobalIPv6PrefixLen,
			"ipv6_gateway": one.IPv6Gateway,
		})
	}
	return all
}

func (c container) update(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	diags := c.upstreamUpdate(ctx, d, meta)
	if !diags.HasError() && d.HasChange("must_run") && d.Get("must_run").(bool) {
		err := shim.Client(meta).ContainerStart(ctx, d.Id(), types.ContainerStartOptions{})
		diags = append(diags, diag.FromErr(err)...)
	}
	if diags.HasError() {
		d.Partial(true) // keeps the old state, so that the next update tries again
		return diags
	}
	return c.read(ctx, d, meta)
}

func (c container) delete(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	diags := c.upstreamDelete(ctx, d, meta)
	for _, one := range diags {
		if strings.Contains(one.Summary, "No such container") {
			d.SetId("")
			return nil
		}
	}
	return diags
}

// importContainer fills in what 2.23.0 does not read, so that a program that says nothing about it matches.
func importContainer(known map[string]*schema.Schema) schema.StateContextFunc {
	values := map[string]any{"env": []any{}, "labels": []any{}}
	for _, name := range []string{"attach", "logs", "must_run", "remove_volumes", "start", "wait", "wait_timeout",
		"container_read_refresh_timeout_milliseconds"} {
		values[name] = known[name].Default
	}
	return func(_ context.Context, d *schema.ResourceData, _ any) ([]*schema.ResourceData, error) {
		for name, value := range values {
			if err := d.Set(name, value); err != nil {
				return nil, err
			}
		}
		return []*schema.ResourceData{d}, nil
	}
}
