package local

import (
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/gobwas/glob"
	"github.com/pulumi/pulumi-go-provider/infer/types"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// collect picks up the files that the inputs ask for.
func collect(dir string, in baseInputs, out *baseOutputs) error {
	if in.AssetPaths != nil {
		assets, err := find(dir, in.AssetPaths)
		if err != nil {
			return err
		}
		out.Assets = make(map[string]types.AssetOrArchive, len(assets))
		for name, asset := range assets {
			out.Assets[name] = types.AssetOrArchive{Asset: asset}
		}
	}
	if in.ArchivePaths != nil {
		assets, err := find(dir, in.ArchivePaths)
		if err != nil {
			return err
		}
		members := make(map[string]any, len(assets))
		for name, asset := range assets {
			members[name] = asset
		}
		if out.Archive, err = resource.NewAssetArchive(members); err != nil {
			return err
		}
	}
	return nil
}

// find lists the files below dir that the patterns name. They are taken in order; one that starts with "!" excludes.
func find(dir string, patterns []string) (map[string]*resource.Asset, error) {
	globs := make([]glob.Glob, len(patterns))
	for i, pattern := range patterns {
		var err error
		if globs[i], err = glob.Compile(strings.TrimPrefix(pattern, "!"), '/'); err != nil {
			return nil, err
		}
	}
	included := func(name string) (yes bool) {
		for i, g := range globs {
			if g.Match(name) {
				yes = !strings.HasPrefix(patterns[i], "!")
			}
		}
		return yes
	}

	assets := map[string]*resource.Asset{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && included(name) {
			assets[name], err = resource.NewPathAsset(path.Join(dir, name))
		}
		return err
	})
	return assets, err
}
