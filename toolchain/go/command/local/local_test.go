package local

import (
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
)

func TestFindTakesPatternsInOrder(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a.txt", "sub/b.txt", "sub/secret.txt", "sub/deep/c.js"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ patterns, want []string }{
		{[]string{"*.txt"}, []string{"a.txt"}},
		{[]string{"**.txt", "!**secret.*"}, []string{"a.txt", "sub/b.txt"}},
		{[]string{"!**secret.*", "**.txt"}, []string{"a.txt", "sub/b.txt", "sub/secret.txt"}},
		{[]string{"sub/**"}, []string{"sub/b.txt", "sub/deep/c.js", "sub/secret.txt"}},
		{[]string{}, nil},
	} {
		found, err := find(dir, c.patterns)
		if err != nil {
			t.Fatal(err)
		}
		if got := slices.Sorted(maps.Keys(found)); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%q: %q, want %q", c.patterns, got, c.want)
		}
	}
	if _, err := find(dir, []string{"[a"}); err == nil {
		t.Error("a broken pattern was accepted")
	}
}
