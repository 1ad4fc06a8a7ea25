package main

import (
	"strings"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	tfshim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim"
	pschema "github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

// packageSchema describes the resources and functions as the bridge will name and type them. The bridge's own generator
// (tfgen) also writes documentation, but it doubles the build.
func packageSchema(info tfbridge.ProviderInfo) pschema.PackageSpec {
	spec := pschema.PackageSpec{
		Name: info.Name, Version: info.Version, Meta: &pschema.MetadataSpec{ModuleFormat: "(.*)(?:/[^/]*)"}, Types: map[string]pschema.ComplexTypeSpec{},
		Resources: map[string]pschema.ResourceSpec{}, Functions: map[string]pschema.FunctionSpec{},
	}
	config := typeTable(spec.Types).object("Provider", info.P.Schema(), info.Config, false)
	spec.Config = pschema.ConfigSpec{Variables: config.Properties}
	spec.Provider = &pschema.ResourceSpec{ObjectTypeSpec: config, InputProperties: config.Properties}
	for tfName, res := range info.Resources {
		name, tf := res.Tok.Name().String(), info.P.ResourcesMap().Get(tfName).Schema()
		inputs := typeTable(spec.Types).object(name, tf, res.Fields, false)
		spec.Resources[string(res.Tok)] = pschema.ResourceSpec{
			ObjectTypeSpec:  typeTable(spec.Types).object(name, tf, res.Fields, true),
			InputProperties: inputs.Properties, RequiredInputs: inputs.Required,
		}
	}
	for tfName, fun := range info.DataSources {
		name, tf := fun.Tok.Name().String(), info.P.DataSourcesMap().Get(tfName).Schema()
		inputs := typeTable(spec.Types).object(name, tf, fun.Fields, false)
		outputs := typeTable(spec.Types).object(name, tf, fun.Fields, true)
		spec.Functions[string(fun.Tok)] = pschema.FunctionSpec{Inputs: &inputs, Outputs: &outputs}
	}
	return spec
}

type typeTable map[string]pschema.ComplexTypeSpec

// object describes the inputs of a Terraform block or, with output, all that is known of it afterwards.
func (t typeTable) object(name string, tf tfshim.SchemaMap, infos fields, output bool) pschema.ObjectTypeSpec {
	spec := pschema.ObjectTypeSpec{Type: "object", Properties: map[string]pschema.PropertySpec{}}
	tf.Range(func(tfName string, s tfshim.Schema) bool {
		if tfName == "id" || !output && !s.Optional() && !s.Required() {
			return true
		}
		property, info := tfbridge.TerraformToPulumiNameV2(tfName, tf, infos), infos[tfName]
		spec.Properties[property] = pschema.PropertySpec{
			TypeSpec: t.property(name+strings.ToUpper(property[:1])+property[1:], s, info, output),
			Secret:   s.Sensitive(),
		}
		named := info != nil && info.HasDefault() // autonaming
		if output && (s.Required() || s.Computed() || named) || !output && s.Required() && !named {
			spec.Required = append(spec.Required, property)
		}
		return true
	})
	return spec
}

func (t typeTable) property(name string, s tfshim.Schema, info *tfbridge.SchemaInfo, output bool) pschema.TypeSpec {
	element := pschema.TypeSpec{Type: "string"}
	switch elem := s.Elem().(type) {
	case tfshim.Schema:
		element = t.property(name, elem, nil, output)
	case tfshim.Resource:
		var infos fields
		if info != nil && info.Elem != nil {
			infos = info.Elem.Fields
		}
		token := "docker:index/" + name + ":" + name
		if _, known := t[token]; !known || !output {
			t[token] = pschema.ComplexTypeSpec{ObjectTypeSpec: t.object(name, elem.Schema(), infos, output)}
		}
		element = pschema.TypeSpec{Ref: "#/types/" + token}
	}
	switch s.Type() {
	case tfshim.TypeBool:
		return pschema.TypeSpec{Type: "boolean"}
	case tfshim.TypeInt:
		return pschema.TypeSpec{Type: "integer"}
	case tfshim.TypeFloat:
		return pschema.TypeSpec{Type: "number"}
	case tfshim.TypeMap:
		return pschema.TypeSpec{Type: "object", AdditionalProperties: &element}
	case tfshim.TypeList, tfshim.TypeSet:
		if tfbridge.IsMaxItemsOne(s, info) {
			return element
		}
		return pschema.TypeSpec{Type: "array", Items: &element}
	default:
		return pschema.TypeSpec{Type: "string"}
	}
}
