package site

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// A Reach is one way to this program: over which network, at which address, and whether an answer came back over it.
type Reach struct {
	Network string // machine, lan, internet
	Name    string // of the interface
	URL     string
	Tested  bool
}

// reaches lists the addresses of this machine and tests each by asking itself over it. An address that others were
// told (public) is tested the same way; a failure there may only mean that the way back in is closed from inside.
func reaches(ctx context.Context, scheme, port, public, listenHost, boot string) []Reach {
	var out []Reach
	add := func(network, name, url string) {
		out = append(out, Reach{network, name, url, answers(ctx, url, boot)})
	}
	local := "localhost"
	ip := net.ParseIP(listenHost)
	if ip == nil || ip.IsLoopback() || ip.IsUnspecified() {
		add("machine", "", fmt.Sprintf("%s://%s", scheme, net.JoinHostPort(local, port)))
	}
	if ip == nil || !ip.IsLoopback() {
		ifs, _ := net.Interfaces()
		for _, i := range ifs {
			if i.Flags&net.FlagUp == 0 || i.Flags&net.FlagLoopback != 0 {
				continue
			}
			addrs, _ := i.Addrs()
			for _, a := range addrs {
				n, ok := a.(*net.IPNet)
				if !ok || n.IP.IsLinkLocalUnicast() || ip != nil && !ip.IsUnspecified() && !ip.Equal(n.IP) {
					continue
				}
				network := "internet"
				if n.IP.IsPrivate() {
					network = "lan"
				}
				add(network, i.Name, fmt.Sprintf("%s://%s", scheme, net.JoinHostPort(n.IP.String(), port)))
			}
		}
	}
	if public != "" {
		add("internet", "", public)
	}
	return out
}

// best is the address for links and QR codes when nobody named one: the first tested one on a local network, else one
// seen from everywhere, else local. IPv4 goes before IPv6, because every phone in a hall has it; where there is only
// IPv6, that is it.
func best(list []Reach, local string) string {
	for _, network := range []string{"lan", "internet"} {
		for _, six := range []bool{false, true} {
			for _, r := range list {
				if r.Network == network && r.Tested && strings.Contains(r.URL, "[") == six {
					return r.URL
				}
			}
		}
	}
	return local
}

// answers asks the program over an address whether it is this very one.
func answers(ctx context.Context, url, boot string) bool {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/reach", nil)
	if err != nil {
		return false
	}
	c := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, Proxy: nil}}
	res, err := c.Do(req)
	if err != nil {
		return false
	}
	defer res.Body.Close()
	b, err := io.ReadAll(io.LimitReader(res.Body, 200))
	return err == nil && string(b) == boot
}
