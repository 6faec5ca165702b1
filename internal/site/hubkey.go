package site

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"openmic/internal/link"
)

// siteName is what a hub says of itself to whoever holds a join link: its key, which is in every record. It says nothing of
// any session.
type siteName struct {
	Key string `json:"key"`
}

// sayKey answers a venue that asks who answers here before it shows its secret.
func (s *Site) sayKey(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(siteName{s.key.verify})
}

// errNotTheKey: a join link of this address was made by another hub, or copied wrongly.
func errNotTheKey(u *url.URL) error {
	return fmt.Errorf("who answers at %s does not have the key that the join link names; nothing was changed here", u.Host)
}

// meetHub makes sure that who answers says the key which the join link names. A link with another one is shown to nobody,
// so that it is not spent.
func meetHub(ctx context.Context, u *url.URL, print string, here bool) error {
	status, answer, err := toHubOf(ctx, u, here, nil)
	var hub siteName
	switch {
	case err != nil:
		return err
	case status == http.StatusOK && json.Unmarshal(answer, &hub) == nil && fingerprint(hub.Key) == print:
		return nil
	case status >= http.StatusInternalServerError, status == http.StatusTooManyRequests:
		return errNotLetIn(answer)
	}
	return errNotTheKey(u)
}

func errNotLetIn(answer []byte) error {
	return fmt.Errorf("the hub does not let this venue in: %s", strings.TrimSpace(string(answer)))
}

// toHubOf asks the hub of a join link for its key, or, with a body, to be let in. here: there is something of the session in
// this folder, with which one can go on without the hub.
func toHubOf(ctx context.Context, u *url.URL, here bool, body []byte) (status int, answer []byte, err error) {
	resp, answer, err := askHub(ctx, hubOf(u)+"/join", body)
	var bad *tls.CertificateVerificationError
	if errors.As(err, &bad) {
		return 0, nil, fmt.Errorf("the certificate of the hub %s is not one that this machine trusts (%w); nothing was sent to it. Give the hub a certificate that browsers trust, or name the file of the authority that made it in SSL_CERT_FILE (on Windows and macOS add it to the system's)", u.Host, bad.Err)
	}
	if err != nil && resp == nil {
		var op *net.OpError
		if errors.As(err, &op) {
			err = op.Err
		}
		if here {
			return 0, nil, fmt.Errorf("the hub %s cannot be reached (%w); to go on with what is here start without -join", u.Host, err)
		}
		return 0, nil, fmt.Errorf("the hub %s cannot be reached (%w), and this data folder has not joined the session before: nothing of it is here yet", u.Host, err)
	}
	if err != nil {
		return 0, nil, err
	}
	if to := resp.Header.Get("Location"); to != "" {
		return 0, nil, fmt.Errorf("the hub %s sends on to %.200q; take a join link that begins with that address", u.Host, strings.TrimSuffix(to, "/join"))
	}
	if link.OtherRelease(resp) {
		return 0, nil, errNotLetIn(answer)
	}
	return resp.StatusCode, answer, nil
}

// askHub asks a hub something that is no stream and no push: GET, or POST with a body. The answer's body is read and closed;
// resp is nil where none came.
func askHub(ctx context.Context, address string, body []byte) (resp *http.Response, answer []byte, err error) {
	method := http.MethodGet
	if body != nil {
		method = http.MethodPost
	}
	req, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return nil, nil, err
	}
	link.Speak(req)
	client := &http.Client{Timeout: 15 * time.Second, CheckRedirect: link.Stay}
	defer client.CloseIdleConnections()
	if resp, err = client.Do(req); err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	answer, err = io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	return resp, answer, err
}
