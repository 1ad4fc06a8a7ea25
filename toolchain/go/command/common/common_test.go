package common

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func recording(level string) (*Recorder, *[]string) {
	recorder := Record(context.Background(), &level)
	lines := &[]string{}
	recorder.logLine = func(line string) { *lines = append(*lines, line) }
	return recorder, lines
}

func TestRecorderKeepsBothStreamsWhateverIsLogged(t *testing.T) {
	logged := map[string][]string{
		"stdoutAndStderr": {"one", "two", "", "three"},
		"stdout":          {"one", "", "three"},
		"stderr":          {"two"},
		"none":            {},
	}
	for level, want := range logged {
		recorder, lines := recording(level)
		for _, part := range []string{"o", "ne\r\n"} {
			fmt.Fprint(recorder.Stdout(), part)
		}
		fmt.Fprint(recorder.Stderr(), "two\n")
		fmt.Fprint(recorder.Stdout(), "\nthree")
		out, err := recorder.Finish("true", nil)
		if err != nil || out != (Outputs{Stdout: "one\r\n\nthree", Stderr: "two"}) {
			t.Errorf("%s: %q, %v", level, out, err)
		}
		if !reflect.DeepEqual(*lines, want) {
			t.Errorf("%s: logged %q, want %q", level, *lines, want)
		}
	}
}

func TestRecorderSurvivesALineWithoutEnd(t *testing.T) {
	recorder, lines := recording("stdout")
	fmt.Fprint(recorder.Stdout(), strings.Repeat("x", 2*maxLine+1))
	out, err := recorder.Finish("true", nil)
	if err != nil || len(out.Stdout) != 2*maxLine+1 || len(*lines) != 3 {
		t.Errorf("%d bytes, %d lines, %v", len(out.Stdout), len(*lines), err)
	}
}

func TestFailureNamesCommandAndOutput(t *testing.T) {
	recorder, _ := recording("none")
	fmt.Fprintln(recorder.Stdout(), "half done")
	fmt.Fprintln(recorder.Stderr(), "disk full")
	cause := errors.New("exit status 1")
	_, err := recorder.Finish("dd", cause)
	if !errors.Is(err, cause) || err.Error() != "exit status 1: running \"dd\":\nhalf done\ndisk full\n" {
		t.Error(err)
	}
}

func TestPreviousOutput(t *testing.T) {
	no := false
	last := Outputs{Stdout: "a"}
	want := map[string]string{"PULUMI_COMMAND_STDOUT": "a"}
	if got := (ProcessInputs{}).PreviousOutput(last); !reflect.DeepEqual(got, want) {
		t.Error(got)
	}
	if got := (ProcessInputs{AddPreviousOutputInEnv: &no}).PreviousOutput(last); len(got) != 0 {
		t.Error(got)
	}
}
