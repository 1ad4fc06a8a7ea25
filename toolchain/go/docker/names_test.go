package main

import (
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

func TestTheChangedTerraformProviderIsValid(t *testing.T) {
	if err := alignedProvider().InternalValidate(); err != nil {
		t.Error(err)
	}
}

func TestWhatTheSchemaDoesNotKnowIsFoundWhereverItStands(t *testing.T) {
	info := providerInfo()
	given := resource.NewPropertyMapFromMap(map[string]any{
		"__defaults": []any{},
		"name":       "n",
		"platform":   "p",
		"command":    []any{"c"},
		"labels":     []any{map[string]any{"label": "l", "value": "v"}},
		"mounts":     []any{map[string]any{"volumeOptions": map[string]any{"noCopy": true, "subpath": "s"}}},
		"networksAdvanced": []any{
			map[string]any{"name": "a"},
			map[string]any{"name": "b", "gwPriority": 1},
		},
		"uploads":     resource.MakeComputed(resource.NewStringProperty("")),
		"healthcheck": map[string]any{"tests": []any{"t"}, "startInterval": "1s"},
	})
	known := info.P.ResourcesMap().Get("docker_container").Schema()
	found := unknown("", given, known, info.Resources["docker_container"].Fields)
	want := []string{
		"healthcheck.startInterval", "mounts[0].volumeOptions.subpath", "networksAdvanced[1].gwPriority", "platform",
	}
	if !slices.Equal(found, want) {
		t.Errorf("got %v, want %v", found, want)
	}
}
