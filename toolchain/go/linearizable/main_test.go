package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func answer(t *testing.T, history, picture string) string {
	t.Helper()
	var result strings.Builder
	if err := check(strings.NewReader(history), &result, picture, time.Minute); err != nil {
		t.Fatal(err)
	}
	var found verdict
	if err := json.Unmarshal([]byte(result.String()), &found); err != nil {
		t.Fatal(err)
	}
	return found.Verdict
}

func TestHistories(t *testing.T) {
	const (
		put1    = `{"key":"k","kind":"put","value":"1","call":0,"return":10}`
		put2    = `{"key":"k","kind":"put","value":"2","call":20,"return":30}`
		unknown = `{"key":"k","kind":"put","value":"2","call":20}`
	)
	cases := []struct {
		name    string
		verdict string
		history string
	}{
		{"nothing", "linearizable", ``},
		{"a read of the last write", "linearizable",
			put1 + `,` + put2 + `,{"client":1,"key":"k","kind":"get","found":"2","call":40,"return":50}`},
		{"a stale read", "not linearizable",
			put1 + `,` + put2 + `,{"client":1,"key":"k","kind":"get","found":"1","call":40,"return":50}`},
		{"a read of the old value during the write", "linearizable",
			put1 + `,` + put2 + `,{"client":1,"key":"k","kind":"get","found":"1","call":25,"return":50}`},
		{"two reads during a write, the second of which goes back", "not linearizable",
			put1 + `,{"key":"k","kind":"put","value":"2","call":20,"return":90},` +
				`{"client":1,"key":"k","kind":"get","found":"2","call":30,"return":40},` +
				`{"client":1,"key":"k","kind":"get","found":"1","call":50,"return":60}`},
		{"an acknowledged write that is lost", "not linearizable",
			put1 + `,{"client":1,"key":"k","kind":"get","found":"","call":40,"return":50}`},
		{"a value that nobody wrote", "not linearizable",
			put1 + `,{"client":1,"key":"k","kind":"get","found":"3","call":40,"return":50}`},
		{"a write without an answer that is seen", "linearizable",
			put1 + `,` + unknown + `,{"client":1,"key":"k","kind":"get","found":"2","call":400,"return":500}`},
		{"a write without an answer that is never seen", "linearizable",
			put1 + `,` + unknown + `,{"client":1,"key":"k","kind":"get","found":"1","call":400,"return":500}`},
		{"a write without an answer that is seen late", "linearizable",
			put1 + `,` + unknown + `,{"client":1,"key":"k","kind":"get","found":"1","call":400,"return":500}` +
				`,{"client":1,"key":"k","kind":"get","found":"2","call":600,"return":700}`},
		{"a write without an answer that is seen, and gone", "not linearizable",
			put1 + `,` + unknown + `,{"client":1,"key":"k","kind":"get","found":"2","call":400,"return":500}` +
				`,{"client":1,"key":"k","kind":"get","found":"1","call":600,"return":700}`},
		{"a write without an answer that is seen before its call", "not linearizable",
			put1 + `,` + unknown + `,{"client":1,"key":"k","kind":"get","found":"2","call":12,"return":15}`},
		{"one of two swaps of one value", "linearizable",
			put1 + `,{"key":"k","kind":"cas","expected":"1","value":"a","swapped":true,"call":20,"return":30}` +
				`,{"client":1,"key":"k","kind":"cas","expected":"1","value":"b","found":"a","call":20,"return":30}`},
		{"two swaps of one value", "not linearizable",
			put1 + `,{"key":"k","kind":"cas","expected":"1","value":"a","swapped":true,"call":20,"return":30}` +
				`,{"client":1,"key":"k","kind":"cas","expected":"1","value":"b","swapped":true,"call":20,"return":30}`},
		{"a swap that is refused with the expected value", "not linearizable",
			put1 + `,{"key":"k","kind":"cas","expected":"1","value":"a","found":"1","call":20,"return":30}`},
		{"a swap without an answer, which only one value permits", "not linearizable",
			put1 + `,{"key":"k","kind":"cas","expected":"0","value":"a","call":20}` +
				`,{"client":1,"key":"k","kind":"get","found":"a","call":40,"return":50}`},
		{"keys that do not depend on each other", "linearizable",
			put1 + `,{"client":1,"key":"other","kind":"get","found":"","call":40,"return":50}`},
	}
	for _, each := range cases {
		t.Run(each.name, func(t *testing.T) {
			if found := answer(t, `[`+each.history+`]`, ""); found != each.verdict {
				t.Errorf("got %q, want %q", found, each.verdict)
			}
		})
	}
}

func TestPictureIsWrittenOfABrokenHistoryOnly(t *testing.T) {
	picture := filepath.Join(t.TempDir(), "history.html")
	good := `[{"key":"k","kind":"get","found":"","call":0,"return":1}]`
	broken := `[{"key":"k","kind":"get","found":"lost","call":0,"return":1}]`
	if found := answer(t, good, picture); found != "linearizable" {
		t.Error(found)
	}
	if _, err := os.Stat(picture); err == nil {
		t.Error("a picture of a good history")
	}
	if found := answer(t, broken, picture); found != "not linearizable" {
		t.Error(found)
	}
	text, err := os.ReadFile(picture)
	if err != nil || !strings.Contains(string(text), "get(k)") {
		t.Error("no picture of a broken history", err)
	}
}

func TestUnreadableHistoriesAreRefused(t *testing.T) {
	cases := map[string]string{
		`{}`: "cannot unmarshal object",
		`[{"key":"k","kind":"delete","call":0,"return":1}]`:       "operation 0 has an unknown kind",
		`[{"key":"k","kind":"get","call":0}]`:                     "operation 0 has no answer",
		`[{"key":"k","kind":"put","call":5,"return":4}]`:          "operation 0 has an answer before its call",
		`[{"key":"k","kind":"put","call":5,"return":6,"at":"7"}]`: `unknown field "at"`,
	}
	for history, problem := range cases {
		err := check(strings.NewReader(history), &strings.Builder{}, "", time.Minute)
		if err == nil || !strings.Contains(err.Error(), problem) {
			t.Errorf("%s: got %v, want %s", history, err, problem)
		}
	}
}
