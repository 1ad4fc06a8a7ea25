package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"

	"github.com/anishathalye/porcupine"
)

// operation is what a client asked for, and the answer that it got. A key without a value has the empty one.
type operation struct {
	Client int    `json:"client"`
	Key    string `json:"key"`
	// "put", "get" or "cas": compare and swap.
	Kind string `json:"kind"`
	// The value that a put or a cas writes.
	Value string `json:"value"`
	// The value with which a cas writes.
	Expected string `json:"expected"`
	// Time of the call, and of the answer, in nanoseconds since any moment. Without an answer it may have happened at any time
	// after the call, or never.
	Call   int64  `json:"call"`
	Return *int64 `json:"return"`
	// The value that a get found, or a cas that did not write.
	Found string `json:"found"`
	// Whether a cas wrote.
	Swapped bool `json:"swapped"`
}

func read(history io.Reader) ([]operation, error) {
	var operations []operation
	decoder := json.NewDecoder(history)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&operations); err != nil {
		return nil, err
	}
	for index, each := range operations {
		problem := ""
		switch {
		case each.Kind != "put" && each.Kind != "get" && each.Kind != "cas":
			problem = "an unknown kind"
		case each.Kind == "get" && each.Return == nil:
			problem = "no answer, so a get says nothing"
		case each.Return != nil && *each.Return < each.Call:
			problem = "an answer before its call"
		}
		if problem != "" {
			return nil, fmt.Errorf("operation %d has %s", index, problem)
		}
	}
	return operations, nil
}

// calls converts operations for porcupine. One without an answer is concurrent with all that come after it, also with those of
// its own client, so it gets a client of its own.
func calls(operations []operation) []porcupine.Operation {
	clients, end := 0, int64(math.MinInt64)
	for _, each := range operations {
		clients = max(clients, each.Client+1)
		end = max(end, each.Call)
		if each.Return != nil {
			end = max(end, *each.Return)
		}
	}
	converted := make([]porcupine.Operation, 0, len(operations))
	for _, each := range operations {
		call := porcupine.Operation{ClientId: each.Client, Input: each, Call: each.Call, Output: each, Return: end + 1}
		if each.Return != nil {
			call.Return = *each.Return
		} else {
			call.ClientId = clients
			clients++
		}
		converted = append(converted, call)
	}
	return converted
}

// register is a key of etcd: a value, which is the state. Keys do not depend on each other.
var register = porcupine.Model{
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		keys := map[string]int{}
		var parts [][]porcupine.Operation
		for _, each := range history {
			key := each.Input.(operation).Key
			index, known := keys[key]
			if !known {
				index = len(parts)
				keys[key] = index
				parts = append(parts, nil)
			}
			parts[index] = append(parts[index], each)
		}
		return parts
	},
	Init: func() any { return "" },
	Step: func(state, input, _ any) (bool, any) {
		return step(state.(string), input.(operation))
	},
	DescribeOperation: func(input, _ any) string { return describe(input.(operation)) },
}

// step returns whether a key with this value can have answered so, and its value afterwards.
func step(value string, asked operation) (bool, string) {
	switch asked.Kind {
	case "put":
		return true, asked.Value
	case "get":
		return asked.Found == value, value
	}
	matches := asked.Expected == value
	after := value
	if matches {
		after = asked.Value
	}
	if asked.Return == nil || (matches && asked.Swapped) {
		return true, after
	}
	return !matches && !asked.Swapped && asked.Found == value, value
}

func describe(asked operation) string {
	answer := "no answer"
	switch {
	case asked.Return == nil:
	case asked.Kind == "put" || asked.Swapped:
		answer = "done"
	default:
		answer = fmt.Sprintf("%q", asked.Found)
	}
	switch asked.Kind {
	case "put":
		return fmt.Sprintf("put(%s, %q): %s", asked.Key, asked.Value, answer)
	case "get":
		return fmt.Sprintf("get(%s): %s", asked.Key, answer)
	}
	return fmt.Sprintf("cas(%s, %q, %q): %s", asked.Key, asked.Expected, asked.Value, answer)
}
