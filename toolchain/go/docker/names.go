package main

import (
	"fmt"
	"sort"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/tokens"
	tfshim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim"
	sdkv2 "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

type fields = map[string]*tfbridge.SchemaInfo

// providerInfo names things as @pulumi/docker does, wherever the bridge's own rules (camel case, plural lists) differ.
func providerInfo() tfbridge.ProviderInfo {
	info := tfbridge.ProviderInfo{
		P:       sdkv2.NewProvider(alignedProvider()),
		Name:    "docker",
		Version: version,
		Config:  fields{"registry_auth": {Name: "registryAuth", MaxItemsOne: tfbridge.False()}},
		Resources: map[string]*tfbridge.ResourceInfo{
			"docker_config": {Tok: "docker:index/serviceConfig:ServiceConfig"},
			"docker_container": {
				Tok:                 "docker:index/container:Container",
				DeleteBeforeReplace: true,
				Fields: fields{
					"command":           {Name: "command"},
					"networks_advanced": {Name: "networksAdvanced"},
				},
			},
			"docker_image": {
				Tok: "docker:index/remoteImage:RemoteImage",
				Fields: fields{
					"name": {Name: "name"}, // an image's name is never made up
					"build": {Elem: &tfbridge.SchemaInfo{Fields: fields{
						"path":      {Name: "context"},
						"build_arg": {Name: "buildArgs"},
					}}},
				},
			},
		},
		DataSources: map[string]*tfbridge.DataSourceInfo{"docker_image": {Tok: "docker:index/getRemoteImage:getRemoteImage"}},
	}
	info.MustComputeTokens(tokens.SingleModule("docker_", "index", tokens.MakeStandard("docker")))
	info.SetAutonaming(255, "-")
	return info
}

// refusals says, a sentence each, which properties the schema has no place for.
func refusals(token string, given resource.PropertyMap, known tfshim.SchemaMap, infos fields) []*pulumirpc.CheckFailure {
	var failures []*pulumirpc.CheckFailure
	for _, path := range unknown("", given, known, infos) {
		failures = append(failures, &pulumirpc.CheckFailure{Property: path, Reason: fmt.Sprintf(
			"%s: property %q is not available in the docker provider built from source, which stands on "+
				"terraform-provider-docker %s", token, path, upstream)})
	}
	return failures
}

// unknown lists the paths of what the schema does not know, in the SDK's names.
func unknown(prefix string, given resource.PropertyMap, known tfshim.SchemaMap, infos fields) []string {
	tfNames := map[resource.PropertyKey]string{}
	known.Range(func(tfName string, _ tfshim.Schema) bool {
		tfNames[resource.PropertyKey(tfbridge.TerraformToPulumiNameV2(tfName, known, infos))] = tfName
		return true
	})
	var paths []string
	for key, value := range given {
		path := prefix + string(key)
		tfName, ok := tfNames[key]
		if !ok {
			if !resource.IsInternalPropertyKey(key) && key != "__defaults" {
				paths = append(paths, path)
			}
			continue
		}
		if elem, ok := known.Get(tfName).Elem().(tfshim.Resource); ok {
			var nested fields
			if i := infos[tfName]; i != nil && i.Elem != nil {
				nested = i.Elem.Fields
			}
			paths = append(paths, unknownIn(path, value, elem.Schema(), nested)...)
		}
	}
	sort.Strings(paths)
	return paths
}

// unknownIn looks into one block or into a list of them.
func unknownIn(path string, value resource.PropertyValue, known tfshim.SchemaMap, infos fields) []string {
	if value.IsObject() {
		return unknown(path+".", value.ObjectValue(), known, infos)
	}
	var paths []string
	if value.IsArray() {
		for i, one := range value.ArrayValue() {
			paths = append(paths, unknownIn(fmt.Sprintf("%s[%d]", path, i), one, known, infos)...)
		}
	}
	return paths
}
