package remote

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/pkg/sftp"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/archive"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/asset"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"golang.org/x/crypto/ssh"
)

func TestDialErrorLimit(t *testing.T) {
	for limit, want := range map[int]string{0: "after 0 failed attempts: refused", 2: "after 2 failed attempts: refused"} {
		dials := 0
		_, err := retried(context.Background(), "Dial", &limit, func() (*ssh.Client, error) {
			dials++
			return nil, errors.New("refused")
		})
		if err == nil || err.Error() != want || dials != limit+1 {
			t.Errorf("limit %d: %d dials, %v", limit, dials, err)
		}
	}
}

func TestDialWithoutLimitEndsWithItsContext(t *testing.T) {
	unlimited := -1
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	_, err := retried(ctx, "Dial", &unlimited, func() (*ssh.Client, error) { return nil, errors.New("refused") })
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}

func TestClientConfig(t *testing.T) {
	t.Setenv("SSH_AUTH_SOCK", "")
	config, _, err := (&endpoint{Host: "h"}).clientConfig()
	if err != nil || config.User != "root" || config.Timeout != 15*time.Second || config.HostKeyAlgorithms != nil {
		t.Error(config, err)
	}

	zero := 0
	config, _, err = (&endpoint{Host: "h", PerDialTimeout: &zero}).clientConfig()
	if err != nil || config.Timeout != 0 {
		t.Error(config, err)
	}

	// The trap that the original has: an RSA pin asks for a signature that sshd no longer makes.
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	public, err := ssh.NewPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	pin := string(ssh.MarshalAuthorizedKey(public))
	config, _, err = (&endpoint{Host: "h", HostKey: &pin}).clientConfig()
	if err != nil || !reflect.DeepEqual(config.HostKeyAlgorithms, []string{"ssh-rsa"}) {
		t.Error(config, err)
	}

	for name, e := range map[string]endpoint{
		"host key":    {HostKey: new(string)},
		"private key": {PrivateKey: new(string)},
		"no agent":    {AgentSocketPath: ptr(filepath.Join(t.TempDir(), "none"))},
	} {
		if _, _, err := e.clientConfig(); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func ptr[T any](value T) *T { return &value }

// TestCopyPath runs the table in copyPath's comment against an SFTP server that serves this machine's files.
func TestCopyPath(t *testing.T) {
	const replaced, kept = "new", "old"
	cases := []struct{ source, dest, lands string }{
		{"src/f", "there", "there/f"},
		{"src/f", "not/yet", "not/yet"},
		{"src/f", "there/file", "there/file"},
		{"src", "there", "there/src/sub/g"},
		{"src", "not/yet", "not/yet/src/sub/g"},
		{"src", "there/file", ""},
		{"src/", "there", "there/sub/g"},
		{"src/", "not/yet", "not/yet/sub/g"},
		{"src/", "there/file", ""},
	}
	for _, c := range cases {
		dir := t.TempDir()
		at := func(name string) string { return dir + "/" + name }
		for name, content := range map[string]string{"src/f": replaced, "src/sub/g": replaced, "there/file": kept} {
			if err := os.MkdirAll(filepath.Dir(at(name)), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(at(name), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		err := copyPath(client(t), at(c.source), at(c.dest))
		if c.lands == "" {
			if err == nil {
				t.Errorf("%s -> %s: no error", c.source, c.dest)
			}
			continue
		}
		got, readErr := os.ReadFile(at(c.lands))
		if err != nil || readErr != nil || string(got) != replaced {
			t.Errorf("%s -> %s: %q at %s, %v, %v", c.source, c.dest, got, c.lands, err, readErr)
		}
	}
}

func TestCopyText(t *testing.T) {
	dir := t.TempDir()
	if err := copyText(client(t), "text", dir+"/not/yet"); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(dir + "/not/yet"); err != nil || string(got) != "text" {
		t.Error(got, err)
	}
	if err := copyText(client(t), "text", dir); err == nil || !strings.Contains(err.Error(), "is a directory") {
		t.Error(err)
	}
}

func TestCopyToRemoteChecksItsSource(t *testing.T) {
	text, err := asset.FromText("text")
	if err != nil {
		t.Fatal(err)
	}
	uri := &asset.Asset{Sig: asset.AssetSig, URI: "https://example.com/f"}
	members, err := archive.FromAssets(map[string]any{"f": text})
	if err != nil {
		t.Fatal(err)
	}
	for reason, source := range map[string]property.Value{
		"": property.New(text),
		"asset must be a path-based file asset or a text asset": property.New(uri),
		"archive must be a path to a file or directory":         property.New(members),
	} {
		response, err := CopyToRemote{}.Check(context.Background(), infer.CheckRequest{NewInputs: property.NewMap(
			map[string]property.Value{
				"connection": property.New(map[string]property.Value{"host": property.New("h")}),
				"remotePath": property.New("/f"),
				"source":     source,
			})})
		got := ""
		for _, failure := range response.Failures {
			got += failure.Reason
		}
		if err != nil || got != reason {
			t.Errorf("want %q, got %q, %v", reason, got, err)
		}
		c := response.Inputs.Connection
		if *c.User != "root" || *c.Port != 22 || *c.DialErrorLimit != 10 || *c.PerDialTimeout != 15 {
			t.Errorf("defaults: %+v", c.endpoint)
		}
	}
}

func client(t *testing.T) *sftp.Client {
	t.Helper()
	theirs, toThem := io.Pipe()
	ours, toUs := io.Pipe()
	server, err := sftp.NewServer(struct {
		io.Reader
		io.WriteCloser
	}{theirs, toUs})
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve() }()
	c, err := sftp.NewClientPipe(ours, toThem)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close(); _ = c.Close() })
	return c
}
