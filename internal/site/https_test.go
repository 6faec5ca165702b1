package site_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"openmic/floor"
	"openmic/internal/site"
	"openmic/internal/web/hall"
)

// authority makes a certificate for 127.0.0.1 in a folder, and the authority that signed it: files cert, key and ca.
func authority(t *testing.T) (folder string) {
	t.Helper()
	folder = t.TempDir()
	write := func(name, kind string, der []byte) {
		if err := os.WriteFile(filepath.Join(folder, name), pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	made := func(serial int64, ca bool, parent *x509.Certificate, by *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		c := &x509.Certificate{SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "openmic test"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
			IsCA: ca, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
		if !ca {
			c.IPAddresses, c.ExtKeyUsage = []net.IP{net.IPv4(127, 0, 0, 1)}, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
		}
		if parent == nil {
			parent, by = c, key
		}
		der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, by)
		if err != nil {
			t.Fatal(err)
		}
		if c, err = x509.ParseCertificate(der); err != nil {
			t.Fatal(err)
		}
		return c, key
	}
	root, rootKey := made(1, true, nil, nil)
	leaf, leafKey := made(2, false, root, rootKey)
	write("ca", "CERTIFICATE", root.Raw)
	write("cert", "CERTIFICATE", leaf.Raw)
	der, err := x509.MarshalECPrivateKey(leafKey)
	if err != nil {
		t.Fatal(err)
	}
	write("key", "EC PRIVATE KEY", der)
	return folder
}

// A hub that speaks https is joined like any other, by a laptop that trusts its certificate. One that does not says so,
// and sends nothing.
func TestHubOverHTTPS(t *testing.T) {
	ctx := context.Background()
	tls := authority(t)
	hub := open(t, site.Settings{Data: t.TempDir(), Listen: "127.0.0.1:0", Cert: filepath.Join(tls, "cert"), Key: filepath.Join(tls, "key")})
	id, _, err := hub.Create(ctx, hall.Draft{Plan: floor.Plan{Title: "Behind TLS", Segments: []floor.SegmentPlan{{Kind: "discussion", Minutes: 60}}}})
	if err != nil {
		t.Fatal(err)
	}
	link, err := hub.InviteVenue(ctx, id, "")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(link, "/link/")
	at := strings.Replace(hub.Local(), "localhost", "127.0.0.1", 1)
	venue := &server{t: t, data: t.TempDir(), listen: freeAddress(t), join: at + "/link/" + rest}
	if !strings.HasPrefix(venue.join, "https://127.0.0.1:") {
		t.Fatalf("the link is %s", venue.join)
	}
	venue.launch()
	line := venue.says()
	if !strings.Contains(line, "is not one that this machine trusts") || !strings.Contains(line, "SSL_CERT_FILE") || strings.Contains(line, strings.SplitN(rest, "#", 2)[1]) {
		t.Errorf("a laptop that does not trust the hub's certificate says %q", line)
	}
	venue.kill()
	t.Setenv("SSL_CERT_FILE", filepath.Join(tls, "ca")) // of the processes that start from here
	venue.launch()
	if line := venue.says(); line != "serving" {
		t.Fatalf("a laptop that trusts it says %q", line)
	}
	t.Cleanup(func() { venue.kill() })
	h, ok := hub.Hall(id)
	if !ok {
		t.Fatal("the hub's session does not open")
	}
	for began := time.Now(); ; time.Sleep(5 * time.Millisecond) {
		v := h.Session.View()
		if x := venue.standing(id); len(v.Sites) == 2 && x.Entries == v.Entries && !x.Severed && v.Severed() == nil {
			break
		} else if time.Since(began) > 30*time.Second {
			t.Fatalf("waited in vain: the hub has %d entries, the venue %+v", v.Entries, x)
		}
	}
}
