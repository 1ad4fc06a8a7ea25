package remote

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"dockernet/toolchain/command/common"
)

// Logging says which streams go to the log.
type Logging string

// Values makes Logging an enum.
func (Logging) Values() []infer.EnumValue[Logging] { return common.LogLevels[Logging]() }

// Command is the resource command:remote:Command.
type Command struct{}

// CommandInputs are its inputs.
type CommandInputs struct {
	common.LifecycleInputs
	common.ProcessInputs
	Logging    *Logging    `pulumi:"logging,optional"`
	Connection *Connection `pulumi:"connection" provider:"secret"`
}

// CommandOutputs are its outputs.
type CommandOutputs struct {
	CommandInputs
	common.Outputs
}

// Create runs the create command, if there is one; without one, nobody dials the host.
func (Command) Create(
	ctx context.Context, req infer.CreateRequest[CommandInputs],
) (infer.CreateResponse[CommandOutputs], error) {
	state := CommandOutputs{CommandInputs: req.Inputs}
	id, err := resource.NewUniqueHex(req.Name, 8, 0)
	if err == nil && req.Inputs.Create != nil && !req.DryRun {
		err = state.run(ctx, *req.Inputs.Create)
	}
	return infer.CreateResponse[CommandOutputs]{ID: id, Output: state}, err
}

// Update runs the update command, or else the create command, or else nothing. Every changed input comes here, the
// connection and the delete command too; only triggers replace.
func (Command) Update(
	ctx context.Context, req infer.UpdateRequest[CommandInputs, CommandOutputs],
) (infer.UpdateResponse[CommandOutputs], error) {
	state := CommandOutputs{CommandInputs: req.Inputs, Outputs: req.State.Outputs}
	var err error
	if command := req.Inputs.OnUpdate(); command != nil && !req.DryRun {
		err = state.run(ctx, *command)
	}
	return infer.UpdateResponse[CommandOutputs]{Output: state}, err
}

// Delete runs the delete command, if there is one, over the connection of the last create or update.
func (Command) Delete(ctx context.Context, req infer.DeleteRequest[CommandOutputs]) (infer.DeleteResponse, error) {
	var err error
	if command := req.State.Delete; command != nil {
		err = req.State.run(ctx, *command)
	}
	return infer.DeleteResponse{}, err
}

// run replaces the outputs. Once the command has started it is not tied to ctx, as in the original: a cancelled
// update waits for it and records what it did.
func (c *CommandOutputs) run(ctx context.Context, command string) error {
	client, err := c.Connection.Dial(ctx)
	if err != nil {
		return err
	}
	defer client.Close()
	session, err := client.NewSession()
	if err != nil {
		return err
	}
	defer session.Close()

	for _, name := range slices.Sorted(maps.Keys(c.Environment)) {
		if err := session.Setenv(name, c.Environment[name]); err != nil {
			p.GetLogger(ctx).Error(refused(name))
			return fmt.Errorf("could not set environment variable %q: %w", name, err)
		}
	}
	for name, value := range c.PreviousOutput(c.Outputs) {
		if err := session.Setenv(name, value); err != nil {
			p.GetLogger(ctx).Warning(refused(name)) // the user did not ask for it: carry on
		}
	}
	if c.Stdin != nil {
		session.Stdin = strings.NewReader(*c.Stdin)
	}
	recorder := common.Record(ctx, c.Logging)
	session.Stdout, session.Stderr = recorder.Stdout(), recorder.Stderr()
	c.Outputs, err = recorder.Finish(command, session.Run(command))
	return err
}

func refused(variable string) string {
	return fmt.Sprintf("Unable to set '%s'. This only works if your SSH server is configured to accept "+
		"these variables via AcceptEnv. Alternatively, if a Bash-like shell runs the command on the remote host, "+
		"you could prefix the command itself with the variables in the form 'VAR=value command'", variable)
}
