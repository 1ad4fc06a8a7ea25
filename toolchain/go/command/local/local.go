// Package local runs commands on the machine that runs Pulumi.
package local

import (
	"context"
	"os"
	"os/exec"
	"strings"

	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi-go-provider/infer/types"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"dockernet/toolchain/command/common"
)

// Logging says which streams go to the log.
type Logging string

// Values makes Logging an enum.
func (Logging) Values() []infer.EnumValue[Logging] { return common.LogLevels[Logging]() }

type baseInputs struct {
	common.ProcessInputs
	Logging      *Logging `pulumi:"logging,optional"`
	Interpreter  []string `pulumi:"interpreter,optional"`
	Dir          *string  `pulumi:"dir,optional"`
	AssetPaths   []string `pulumi:"assetPaths,optional"`
	ArchivePaths []string `pulumi:"archivePaths,optional"`
}

type baseOutputs struct {
	common.Outputs
	Assets  map[string]types.AssetOrArchive `pulumi:"assets,optional"`
	Archive *resource.Archive               `pulumi:"archive,optional"`
}

// Command is the resource command:local:Command.
type Command struct{}

// CommandInputs are its inputs.
type CommandInputs struct {
	common.LifecycleInputs
	baseInputs
}

// CommandOutputs are its outputs.
type CommandOutputs struct {
	CommandInputs
	baseOutputs
}

// Create runs the create command, if there is one.
func (Command) Create(
	ctx context.Context, req infer.CreateRequest[CommandInputs],
) (infer.CreateResponse[CommandOutputs], error) {
	state := CommandOutputs{CommandInputs: req.Inputs}
	id, err := resource.NewUniqueHex(req.Name, 8, 0)
	if err == nil && req.Inputs.Create != nil && !req.DryRun {
		err = run(ctx, *req.Inputs.Create, state.baseInputs, &state.baseOutputs)
	}
	return infer.CreateResponse[CommandOutputs]{ID: id, Output: state}, err
}

// Update runs the update command, or else the create command, or else nothing.
func (Command) Update(
	ctx context.Context, req infer.UpdateRequest[CommandInputs, CommandOutputs],
) (infer.UpdateResponse[CommandOutputs], error) {
	state := CommandOutputs{CommandInputs: req.Inputs, baseOutputs: req.State.baseOutputs}
	var err error
	if command := req.Inputs.OnUpdate(); command != nil && !req.DryRun {
		err = run(ctx, *command, state.baseInputs, &state.baseOutputs)
	}
	return infer.UpdateResponse[CommandOutputs]{Output: state}, err
}

// Delete runs the delete command, if there is one.
func (Command) Delete(ctx context.Context, req infer.DeleteRequest[CommandOutputs]) (infer.DeleteResponse, error) {
	var err error
	if command := req.State.Delete; command != nil {
		err = run(ctx, *command, req.State.baseInputs, &req.State.baseOutputs)
	}
	return infer.DeleteResponse{}, err
}

// Run is the function command:local:run.
type Run struct{}

// RunInputs are its inputs.
type RunInputs struct {
	baseInputs
	Command string `pulumi:"command"`
}

// RunOutputs are its outputs.
type RunOutputs struct {
	RunInputs
	baseOutputs
}

// Invoke runs the command, at every preview too.
func (Run) Invoke(
	ctx context.Context, req infer.FunctionRequest[RunInputs],
) (infer.FunctionResponse[RunOutputs], error) {
	out := RunOutputs{RunInputs: req.Input}
	err := run(ctx, req.Input.Command, req.Input.baseInputs, &out.baseOutputs)
	return infer.FunctionResponse[RunOutputs]{Output: out}, err
}

// run replaces what out holds of the last command.
func run(ctx context.Context, command string, in baseInputs, out *baseOutputs) error {
	args := append(in.Interpreter[:len(in.Interpreter):len(in.Interpreter)], command)
	if len(in.Interpreter) == 0 {
		args = []string{"/bin/sh", "-c", command}
	}
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)

	cmd.Env = os.Environ()
	for _, env := range []map[string]string{in.Environment, in.PreviousOutput(out.Outputs)} {
		for name, value := range env {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	if in.Stdin != nil {
		cmd.Stdin = strings.NewReader(*in.Stdin)
	}
	dir, err := os.Getwd()
	if err != nil {
		return err
	}
	if in.Dir != nil {
		dir = *in.Dir
	}
	cmd.Dir = dir

	recorder := common.Record(ctx, in.Logging)
	cmd.Stdout, cmd.Stderr = recorder.Stdout(), recorder.Stderr()
	if out.Outputs, err = recorder.Finish(command, cmd.Run()); err != nil {
		return err
	}
	return collect(dir, in, out)
}
