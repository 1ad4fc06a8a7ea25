package common

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"sync"

	p "github.com/pulumi/pulumi-go-provider"
)

// A Recorder keeps what a command writes, and passes it on to the log line by line as it comes.
type Recorder struct {
	mu                   sync.Mutex
	stdout, stderr       bytes.Buffer
	both                 bytes.Buffer // in the order of arrival, for error messages
	line                 []byte       // the end of the log, not yet a whole line
	logLine              func(string)
	logStdout, logStderr bool
}

// maxLine is where a line of the log is broken: a status message is no place for a megabyte.
const maxLine = 64 << 10

// Record starts a recording; without a level, both streams are logged.
func Record[T ~string](ctx context.Context, level *T) *Recorder {
	logged := func(stream T) bool { return level == nil || *level == stream || *level == "stdoutAndStderr" }
	return &Recorder{
		logLine:   func(line string) { p.GetLogger(ctx).InfoStatus(line) },
		logStdout: logged("stdout"),
		logStderr: logged("stderr"),
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(data []byte) (int, error) { return f(data) }

// Stdout is where the command's standard output goes.
func (r *Recorder) Stdout() io.Writer { return r.writer(&r.stdout, r.logStdout) }

// Stderr is where the command's standard error goes.
func (r *Recorder) Stderr() io.Writer { return r.writer(&r.stderr, r.logStderr) }

func (r *Recorder) writer(stream *bytes.Buffer, logged bool) io.Writer {
	return writerFunc(func(data []byte) (int, error) {
		r.mu.Lock()
		defer r.mu.Unlock()
		stream.Write(data)
		r.both.Write(data)
		if logged {
			r.log(data)
		}
		return len(data), nil
	})
}

func (r *Recorder) log(data []byte) {
	r.line = append(r.line, data...)
	for {
		end := bytes.IndexByte(r.line[:min(len(r.line), maxLine)], '\n')
		switch {
		case end >= 0:
			r.logLine(string(bytes.TrimSuffix(r.line[:end], []byte("\r"))))
			r.line = r.line[end+1:]
		case len(r.line) >= maxLine:
			r.logLine(string(r.line[:maxLine]))
			r.line = r.line[maxLine:]
		default:
			return
		}
	}
}

// Finish ends the recording of a command that ended with err.
func (r *Recorder) Finish(command string, err error) (Outputs, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.line) > 0 {
		r.logLine(string(r.line))
	}
	if err != nil {
		return Outputs{}, fmt.Errorf("%w: running %q:\n%s", err, command, r.both.String())
	}
	return Outputs{
		Stdout: strings.TrimSuffix(r.stdout.String(), "\n"),
		Stderr: strings.TrimSuffix(r.stderr.String(), "\n"),
	}, nil
}
