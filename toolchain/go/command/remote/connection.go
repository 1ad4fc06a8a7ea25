// Package remote runs commands on, and copies files to, machines that are reached by SSH.
package remote

import (
	"context"
	"fmt"
	"net"
	"os"
	"strconv"
	"time"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/retry"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

const (
	defaultUser           = "root"
	defaultPort           = 22
	defaultDialErrorLimit = 10
	defaultPerDialTimeout = 15
)

type endpoint struct {
	Host               string   `pulumi:"host"`
	Port               *float64 `pulumi:"port,optional"`
	User               *string  `pulumi:"user,optional"`
	Password           *string  `pulumi:"password,optional"`
	PrivateKey         *string  `pulumi:"privateKey,optional"`
	PrivateKeyPassword *string  `pulumi:"privateKeyPassword,optional"`
	AgentSocketPath    *string  `pulumi:"agentSocketPath,optional"`
	DialErrorLimit     *int     `pulumi:"dialErrorLimit,optional"`
	PerDialTimeout     *int     `pulumi:"perDialTimeout,optional"`
	HostKey            *string  `pulumi:"hostKey,optional"`
}

// Annotate sets the defaults.
func (e *endpoint) Annotate(a infer.Annotator) {
	a.SetDefault(&e.User, defaultUser)
	a.SetDefault(&e.Port, defaultPort)
	a.SetDefault(&e.DialErrorLimit, defaultDialErrorLimit)
	a.SetDefault(&e.PerDialTimeout, defaultPerDialTimeout)
}

// ProxyConnection is the way to a bastion host.
type ProxyConnection struct{ endpoint }

// Connection is the way to a host, through a bastion host or straight.
type Connection struct {
	endpoint
	Proxy *ProxyConnection `pulumi:"proxy,optional"`
}

func or[T any](value *T, otherwise T) T {
	if value == nil {
		return otherwise
	}
	return *value
}

func (e *endpoint) address() string {
	return net.JoinHostPort(e.Host, strconv.Itoa(int(or(e.Port, defaultPort))))
}

// clientConfig may open a connection to an SSH agent, which done closes.
func (e *endpoint) clientConfig() (config *ssh.ClientConfig, done func(), err error) {
	done = func() {}
	config = &ssh.ClientConfig{
		User:            or(e.User, defaultUser),
		HostKeyCallback: ssh.InsecureIgnoreHostKey(),
		Timeout:         time.Duration(or(e.PerDialTimeout, defaultPerDialTimeout)) * time.Second,
	}
	if e.HostKey != nil {
		key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(*e.HostKey))
		if err != nil {
			return nil, done, fmt.Errorf("failed to parse host key: %w", err)
		}
		config.HostKeyCallback = ssh.FixedHostKey(key)
		// For an RSA key this offers ssh-rsa only, SHA-1, which no current sshd accepts. The original does the same;
		// a pin that works here and not there would be worse than one that works in neither.
		config.HostKeyAlgorithms = []string{key.Type()}
	}
	if e.PrivateKey != nil {
		var signer ssh.Signer
		if e.PrivateKeyPassword != nil {
			signer, err = ssh.ParsePrivateKeyWithPassphrase([]byte(*e.PrivateKey), []byte(*e.PrivateKeyPassword))
		} else {
			signer, err = ssh.ParsePrivateKey([]byte(*e.PrivateKey))
		}
		if err != nil {
			return nil, done, err
		}
		config.Auth = append(config.Auth, ssh.PublicKeys(signer))
	}
	if e.Password != nil {
		answer := func(_, _ string, questions []string, _ []bool) ([]string, error) {
			answers := make([]string, len(questions))
			for i := range answers {
				answers[i] = *e.Password
			}
			return answers, nil
		}
		config.Auth = append(config.Auth, ssh.Password(*e.Password), ssh.KeyboardInteractive(answer))
	}
	if socket := or(e.AgentSocketPath, os.Getenv("SSH_AUTH_SOCK")); socket != "" {
		conn, err := net.Dial("unix", socket)
		if err != nil {
			return nil, done, err
		}
		done = func() { _ = conn.Close() }
		config.Auth = append(config.Auth, ssh.PublicKeysCallback(agent.NewClient(conn).Signers))
	}
	return config, done, nil
}

// Dial connects, through the bastion host if there is one, and tries again as often as the limits allow.
func (c *Connection) Dial(ctx context.Context) (*ssh.Client, error) {
	config, done, err := c.clientConfig()
	defer done()
	if err != nil {
		return nil, err
	}
	if c.Proxy == nil {
		return retried(ctx, "Dial", c.DialErrorLimit, func() (*ssh.Client, error) {
			return ssh.Dial("tcp", c.address(), config)
		})
	}

	proxyConfig, proxyDone, err := c.Proxy.clientConfig()
	defer proxyDone()
	if err != nil {
		return nil, fmt.Errorf("proxy: %w", err)
	}
	proxy, err := retried(ctx, "Dial proxy", c.Proxy.DialErrorLimit, func() (*ssh.Client, error) {
		return ssh.Dial("tcp", c.Proxy.address(), proxyConfig)
	})
	if err != nil {
		return nil, fmt.Errorf("proxy: %w", err)
	}
	client, err := retried(ctx, "Dial from proxy", c.DialErrorLimit, func() (*ssh.Client, error) {
		// The original waits for as long as the kernel of the bastion host does, which is minutes.
		dialing, cancel := ctx, func() {}
		if config.Timeout > 0 {
			dialing, cancel = context.WithTimeout(ctx, config.Timeout)
		}
		defer cancel()
		conn, err := proxy.DialContext(dialing, "tcp", c.address())
		if err != nil {
			return nil, err
		}
		sshConn, channels, requests, err := ssh.NewClientConn(conn, c.address(), config)
		if err != nil {
			return nil, err
		}
		return ssh.NewClient(sshConn, channels, requests), nil
	})
	if err != nil {
		_ = proxy.Close()
		return nil, fmt.Errorf("proxy: %w", err)
	}
	go func() {
		_ = client.Wait()
		_ = proxy.Close()
	}()
	return client, nil
}

// retried calls dial until it succeeds, or has failed more than limit times; a limit of -1 is none. The pauses are
// those of retry.Until: 0.1 s at first, 5 s at most, 11 s altogether for ten.
func retried(
	ctx context.Context, what string, limit *int, dial func() (*ssh.Client, error),
) (*ssh.Client, error) {
	most := or(limit, defaultDialErrorLimit)
	shown := strconv.Itoa(most)
	if most == -1 {
		shown = "inf"
	}
	ok, client, err := retry.Until(ctx, retry.Acceptor{
		Accept: func(try int, _ time.Duration) (bool, any, error) {
			client, err := dial()
			if err == nil {
				return true, client, nil
			}
			if most >= 0 && try >= most {
				return true, nil, fmt.Errorf("after %d failed attempts: %w", try, err)
			}
			p.GetLogger(ctx).InfoStatusf("%s %d/%s failed: retrying", what, try+1, shown)
			return false, nil, nil
		},
	})
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, ctx.Err()
	}
	return client.(*ssh.Client), nil
}
