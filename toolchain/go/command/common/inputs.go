// Package common holds what local and remote commands share.
package common

import (
	"github.com/pulumi/pulumi-go-provider/infer"
)

// LifecycleInputs say what to run when.
type LifecycleInputs struct {
	Triggers *[]any  `pulumi:"triggers,optional" provider:"replaceOnChanges"`
	Create   *string `pulumi:"create,optional"`
	Update   *string `pulumi:"update,optional"`
	Delete   *string `pulumi:"delete,optional"`
}

// OnUpdate is the command that an update runs, or nil.
func (in LifecycleInputs) OnUpdate() *string {
	if in.Update != nil {
		return in.Update
	}
	return in.Create
}

// ProcessInputs are what every run of a command is given.
type ProcessInputs struct {
	Environment            map[string]string `pulumi:"environment,optional"`
	Stdin                  *string           `pulumi:"stdin,optional"`
	AddPreviousOutputInEnv *bool             `pulumi:"addPreviousOutputInEnv,optional"`
}

// Outputs are what the last create or update wrote, less one final newline.
type Outputs struct {
	Stdout string `pulumi:"stdout"`
	Stderr string `pulumi:"stderr"`
}

// PreviousOutput is the part of a command's environment that carries what the last one wrote.
func (in ProcessInputs) PreviousOutput(last Outputs) map[string]string {
	env := map[string]string{}
	if in.AddPreviousOutputInEnv != nil && !*in.AddPreviousOutputInEnv {
		return env
	}
	if last.Stdout != "" {
		env["PULUMI_COMMAND_STDOUT"] = last.Stdout
	}
	if last.Stderr != "" {
		env["PULUMI_COMMAND_STDERR"] = last.Stderr
	}
	return env
}

// LogLevels are the values of a Logging enum. The type itself exists once in each package, because its token
// (command:local:Logging, command:remote:Logging) is made from the package's name.
func LogLevels[T ~string]() []infer.EnumValue[T] {
	return []infer.EnumValue[T]{
		{Name: "stdout", Value: "stdout", Description: "Capture stdout in logs but not stderr"},
		{Name: "stderr", Value: "stderr", Description: "Capture stderr in logs but not stdout"},
		{Name: "stdoutAndStderr", Value: "stdoutAndStderr", Description: "Capture stdout and stderr in logs"},
		{Name: "none", Value: "none", Description: "Capture no logs"},
	}
}
