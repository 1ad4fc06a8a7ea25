// Command pulumi-resource-docker is the docker provider for machines that reach only a Go module proxy. It speaks the
// property names of the npm package @pulumi/docker over the newest Terraform provider the proxy serves.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/provider"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

const (
	version  = "5.2.0"
	upstream = "2.23.0"
)

func main() {
	info := providerInfo()
	err := provider.Main(info.Name, func(host *provider.HostClient) (pulumirpc.ResourceProviderServer, error) {
		bridge := tfbridge.NewProvider(context.Background(), host, info.Name, version, info.P, info, nil)
		return &server{bridge, info}, nil
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// server is the bridge's provider, but refuses a property that the npm package knows and the Terraform provider does
// not, wherever it stands, with a sentence that says why.
type server struct {
	pulumirpc.ResourceProviderServer
	info tfbridge.ProviderInfo
}

func (s *server) Check(ctx context.Context, req *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	token := resource.URN(req.GetUrn()).Type()
	for tfName, res := range s.info.Resources {
		if res.Tok != token {
			continue
		}
		news, err := plugin.UnmarshalProperties(req.GetNews(), plugin.MarshalOptions{KeepUnknowns: true, SkipNulls: true})
		if err != nil {
			return nil, err
		}
		if refused := refusals(token.String(), news, s.info.P.ResourcesMap().Get(tfName).Schema(), res.Fields); refused != nil {
			return &pulumirpc.CheckResponse{Failures: refused}, nil
		}
	}
	return s.ResourceProviderServer.Check(ctx, req)
}

func (s *server) CheckConfig(ctx context.Context, req *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	config := s.info.P.Schema()
	news, err := tfbridge.NewConfigEncoding(config, s.info.Config).UnmarshalProperties(req.GetNews())
	if err != nil {
		return nil, err
	}
	delete(news, "version")
	delete(news, "pluginDownloadURL")
	if refused := refusals("pulumi:providers:docker", news, config, s.info.Config); refused != nil {
		return &pulumirpc.CheckResponse{Failures: refused}, nil
	}
	return s.ResourceProviderServer.CheckConfig(ctx, req)
}

// GetSchema makes the schema when somebody asks: an update does not, and it would pay for it at every start.
func (s *server) GetSchema(context.Context, *pulumirpc.GetSchemaRequest) (*pulumirpc.GetSchemaResponse, error) {
	text, err := json.Marshal(packageSchema(s.info))
	return &pulumirpc.GetSchemaResponse{Schema: string(text)}, err
}
