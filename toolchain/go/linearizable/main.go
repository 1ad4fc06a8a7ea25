// Checks whether a history of etcd is linearizable: linearizable [PICTURE] <HISTORY
//
// HISTORY is a JSON array of operations, see operation. The verdict is printed as JSON: "linearizable", "not linearizable", or
// "undecided" after the time limit. Of a history without the first verdict, PICTURE gets an HTML page that shows the longest
// orders of operations which explain a part of it.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/anishathalye/porcupine"
)

const timeLimit = 2 * time.Minute

type verdict struct {
	Verdict    string `json:"verdict"`
	Operations int    `json:"operations"`
}

func main() {
	if len(os.Args) > 2 {
		fmt.Fprintln(os.Stderr, "usage: linearizable [PICTURE] <HISTORY")
		os.Exit(2)
	}
	picture := ""
	if len(os.Args) == 2 {
		picture = os.Args[1]
	}
	if err := check(os.Stdin, os.Stdout, picture, timeLimit); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func check(history io.Reader, result io.Writer, picture string, limit time.Duration) error {
	operations, err := read(history)
	if err != nil {
		return fmt.Errorf("the history cannot be read: %w", err)
	}
	answer, info := porcupine.CheckOperationsVerbose(register, calls(operations), limit)
	found := verdict{Verdict: "undecided", Operations: len(operations)}
	switch answer {
	case porcupine.Ok:
		found.Verdict = "linearizable"
	case porcupine.Illegal:
		found.Verdict = "not linearizable"
	}
	if answer != porcupine.Ok && picture != "" {
		if err := porcupine.VisualizePath(register, info, picture); err != nil {
			return fmt.Errorf("the picture cannot be written: %w", err)
		}
	}
	return json.NewEncoder(result).Encode(found)
}
