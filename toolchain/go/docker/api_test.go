package main

import (
	"errors"
	"testing"
)

func TestLeastAPI(t *testing.T) {
	for said, want := range map[string]string{
		"Error response from daemon: client version 1.41 is too old. Minimum supported API version is 1.44, please upgrade": "1.44",
		"Error response from daemon: client version 1.41 is too old. Minimum supported API version is 1.60, please upgrade": "",
		"Cannot connect to the Docker daemon": "",
	} {
		if got := leastAPI(errors.New(said)); got != want {
			t.Errorf("%q: got %q, want %q", said, got, want)
		}
	}
}
