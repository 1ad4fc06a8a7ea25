package main

import (
	"context"

	"github.com/docker/docker/api/types"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/client"
	"github.com/hashicorp/terraform-plugin-sdk/v2/diag"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"

	"github.com/terraform-providers/terraform-provider-docker/shim"
)

// alignNetwork replaces all of the network's functions: those of 2.23.0 take any failed inspection, as of an engine that
// does not answer, for a network that is gone, and they sleep two seconds before each look.
func alignNetwork(r *schema.Resource) {
	drop(r, "check_duplicate")
	r.CreateContext, r.ReadContext, r.DeleteContext = createNetwork, readNetwork, deleteNetwork
}

func createNetwork(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	request := types.NetworkCreate{
		CheckDuplicate: true, // engines before 25 would make a second network of the same name
		Driver:         d.Get("driver").(string),
		Internal:       d.Get("internal").(bool),
		Attachable:     d.Get("attachable").(bool),
		Ingress:        d.Get("ingress").(bool),
		EnableIPv6:     d.Get("ipv6").(bool),
		Options:        stringMap(d.Get("options")),
		Labels:         map[string]string{},
		IPAM:           &network.IPAM{Driver: d.Get("ipam_driver").(string)},
	}
	for _, label := range d.Get("labels").(*schema.Set).List() {
		pair := label.(map[string]any)
		request.Labels[pair["label"].(string)] = pair["value"].(string)
	}
	for _, config := range d.Get("ipam_config").(*schema.Set).List() {
		pool := config.(map[string]any)
		request.IPAM.Config = append(request.IPAM.Config, network.IPAMConfig{
			Subnet:     pool["subnet"].(string),
			IPRange:    pool["ip_range"].(string),
			Gateway:    pool["gateway"].(string),
			AuxAddress: stringMap(pool["aux_address"]),
		})
	}
	made, err := shim.Client(meta).NetworkCreate(ctx, d.Get("name").(string), request)
	if err != nil {
		return diag.Errorf("Unable to create network: %s", err)
	}
	d.SetId(made.ID)
	return readNetwork(ctx, d, meta)
}

func readNetwork(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	found, err := shim.Client(meta).NetworkInspect(ctx, d.Id(), types.NetworkInspectOptions{})
	if client.IsErrNotFound(err) {
		d.SetId("")
		return nil
	}
	if err != nil {
		return diag.Errorf("Unable to inspect network: %s", err)
	}
	d.SetId(found.ID) // an import may name the network
	labels, pools := []any{}, []any{}
	for label, value := range found.Labels {
		labels = append(labels, map[string]any{"label": label, "value": value})
	}
	for _, pool := range found.IPAM.Config {
		pools = append(pools, map[string]any{"subnet": pool.Subnet, "ip_range": pool.IPRange,
			"gateway": pool.Gateway, "aux_address": pool.AuxAddress})
	}
	return set(d, map[string]any{
		"name": found.Name, "labels": labels, "driver": found.Driver, "internal": found.Internal,
		"attachable": found.Attachable, "ingress": found.Ingress, "ipv6": found.EnableIPv6,
		"ipam_driver": found.IPAM.Driver, "ipam_config": pools, "options": found.Options, "scope": found.Scope,
	})
}

func deleteNetwork(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	return remove(ctx, "has active endpoints", func() error {
		return shim.Client(meta).NetworkRemove(ctx, d.Id())
	})
}

func stringMap(value any) map[string]string {
	out := map[string]string{}
	for key, one := range value.(map[string]any) {
		out[key] = one.(string)
	}
	return out
}
