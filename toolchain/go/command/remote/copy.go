package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/pkg/sftp"
	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi-go-provider/infer/types"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// CopyToRemote is the resource command:remote:CopyToRemote. It has no Delete: what it copied stays.
type CopyToRemote struct{}

// CopyToRemoteInputs are its inputs.
type CopyToRemoteInputs struct {
	Connection *Connection          `pulumi:"connection" provider:"secret"`
	Triggers   *[]any               `pulumi:"triggers,optional" provider:"replaceOnChanges"`
	Source     types.AssetOrArchive `pulumi:"source"`
	RemotePath string               `pulumi:"remotePath"`
}

// CopyToRemoteOutputs are its outputs.
type CopyToRemoteOutputs struct{ CopyToRemoteInputs }

func (in CopyToRemoteInputs) hash() string {
	if in.Source.Archive != nil {
		return in.Source.Archive.Hash
	}
	return in.Source.Asset.Hash
}

// Check accepts a file, a text, and a folder or archive file.
func (CopyToRemote) Check(
	ctx context.Context, req infer.CheckRequest,
) (infer.CheckResponse[CopyToRemoteInputs], error) {
	inputs, failures, err := infer.DefaultCheck[CopyToRemoteInputs](ctx, req.NewInputs)
	asset, archive := inputs.Source.Asset, inputs.Source.Archive
	fail := func(property, reason string) {
		failures = append(failures, p.CheckFailure{Property: property, Reason: reason})
	}
	switch {
	case err != nil || req.NewInputs.Get("source").IsComputed():
	case asset != nil && archive != nil:
		fail("asset", "only one of asset or archive can be set")
	case asset == nil && archive == nil:
		fail("asset", "either asset or archive must be set")
	case asset != nil && !asset.IsPath() && !asset.IsText():
		fail("asset", "asset must be a path-based file asset or a text asset")
	case archive != nil && !archive.IsPath():
		fail("archive", "archive must be a path to a file or directory")
	}
	return infer.CheckResponse[CopyToRemoteInputs]{Inputs: inputs, Failures: failures}, err
}

// Create copies.
func (CopyToRemote) Create(
	ctx context.Context, req infer.CreateRequest[CopyToRemoteInputs],
) (infer.CreateResponse[CopyToRemoteOutputs], error) {
	response := infer.CreateResponse[CopyToRemoteOutputs]{Output: CopyToRemoteOutputs{req.Inputs}}
	if req.DryRun {
		return response, nil
	}
	err := req.Inputs.copy(ctx)
	if err == nil {
		response.ID, err = resource.NewUniqueHex("", 8, 0)
	}
	return response, err
}

// Update copies again if the source or the destination changed; another connection alone is no reason to.
func (CopyToRemote) Update(
	ctx context.Context, req infer.UpdateRequest[CopyToRemoteInputs, CopyToRemoteOutputs],
) (infer.UpdateResponse[CopyToRemoteOutputs], error) {
	var err error
	changed := req.Inputs.hash() != req.State.hash() || req.Inputs.RemotePath != req.State.RemotePath
	if changed && !req.DryRun {
		err = req.Inputs.copy(ctx)
	}
	return infer.UpdateResponse[CopyToRemoteOutputs]{Output: CopyToRemoteOutputs{req.Inputs}}, err
}

func (in CopyToRemoteInputs) copy(ctx context.Context) error {
	client, err := in.Connection.Dial(ctx)
	if err != nil {
		return err
	}
	defer client.Close()
	remote, err := sftp.NewClient(client, sftp.UseConcurrentWrites(true))
	if err != nil {
		return err
	}
	defer remote.Close()

	switch asset := in.Source.Asset; {
	case asset == nil:
		return copyPath(remote, in.Source.Archive.Path, in.RemotePath)
	case asset.IsText():
		return copyText(remote, asset.Text, in.RemotePath)
	default:
		return copyPath(remote, asset.Path, in.RemotePath)
	}
}

func copyText(remote *sftp.Client, text, dest string) error {
	switch kind, err := stat(remote, dest); {
	case err != nil:
		return err
	case kind == folder:
		return fmt.Errorf("remote path %s is a directory; when using a text asset, remotePath must be a file path", dest)
	}
	if err := makeFolder(remote, path.Dir(dest)); err != nil {
		return err
	}
	return write(remote, dest, strings.NewReader(text))
}

// copyPath copies what is at source:
//
//	source | dest is a folder     | dest does not exist  | dest is a file
//	-------|----------------------|----------------------|---------------
//	file   | dest/file            | dest                 | dest, replaced
//	dir    | dest/dir             | dest/dir             | error
//	dir/   | the contents in dest | the contents in dest | error
func copyPath(remote *sftp.Client, source, dest string) error {
	info, err := os.Stat(source)
	if err != nil {
		return err
	}
	kind, err := stat(remote, dest)
	if err != nil {
		return err
	}
	if info.IsDir() {
		if kind == nothing {
			if err := makeFolder(remote, dest); err != nil {
				return err
			}
		}
		if !strings.HasSuffix(source, "/") {
			dest = path.Join(dest, filepath.Base(source))
		}
		return copyFolder(remote, source, dest)
	}
	switch kind {
	case folder:
		dest = path.Join(dest, filepath.Base(source))
	case nothing:
		if err := makeFolder(remote, path.Dir(dest)); err != nil {
			return err
		}
	}
	return copyFile(remote, source, dest)
}

func copyFolder(remote *sftp.Client, source, dest string) error {
	return fs.WalkDir(os.DirFS(source), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		target := path.Join(dest, name)
		if !entry.IsDir() {
			return copyFile(remote, filepath.Join(source, name), target)
		}
		switch kind, err := stat(remote, target); {
		case err != nil:
			return err
		case kind == nothing:
			return makeFolder(remote, target)
		case kind == file:
			return fmt.Errorf("remote path %s exists but is not a directory", target)
		}
		return nil
	})
}

func copyFile(remote *sftp.Client, source, dest string) error {
	f, err := os.Open(source)
	if err != nil {
		return err
	}
	defer f.Close()
	return write(remote, dest, f)
}

func write(remote *sftp.Client, dest string, content io.Reader) error {
	f, err := remote.Create(dest)
	if err != nil {
		return fmt.Errorf("failed to create remote file %s: %w", dest, err)
	}
	_, err = f.ReadFrom(content)
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("failed to write to remote path %s: %w", dest, err)
	}
	return nil
}

func makeFolder(remote *sftp.Client, name string) error {
	if err := remote.MkdirAll(name); err != nil {
		return fmt.Errorf("failed to create remote directory %s: %w", name, err)
	}
	return nil
}

type kind int

const (
	nothing kind = iota
	file
	folder
)

func stat(remote *sftp.Client, name string) (kind, error) {
	switch info, err := remote.Stat(name); {
	case errors.Is(err, fs.ErrNotExist):
		return nothing, nil
	case err != nil:
		return nothing, fmt.Errorf("failed to stat remote path %s: %w", name, err)
	case info.IsDir():
		return folder, nil
	default:
		return file, nil
	}
}
