package browser

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha512"
	_ "embed" // the version of axe-core and its hash
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

//go:embed axe-core.sha512
var axePin string

// axeSource is the source of axe-core, fetched at most once a process.
var axeSource = sync.OnceValues(fetchAxe)

// Axe fails the test with everything axe-core finds wrong on the page, once all of it has come: half of it may hold a
// field whose label is still on its way.
func (tab *Tab) Axe(t testing.TB) {
	t.Helper()
	tab.Until(t, `document.readyState == "complete"`)
	source, err := axeSource()
	if err != nil {
		t.Fatalf("axe-core: %v", err)
	}
	tab.Eval(t, source+"\n;undefined", nil)
	var found []string
	tab.Eval(t, `axe.run(document, {resultTypes: ['violations']}).then(r => r.violations.flatMap(v =>
		v.nodes.map(n => v.id + ': ' + v.help + ' — ' + n.html.slice(0, 200) + ' — ' + (n.failureSummary ?? '').replace(/\s+/g, ' '))))`, &found)
	for _, f := range found {
		t.Errorf("axe: %s", f)
	}
}

// fetchAxe takes axe-core from the cache folder, or else from npm, and believes neither without its hash.
func fetchAxe() (string, error) {
	version, want, ok := strings.Cut(strings.TrimSpace(axePin), " ")
	if !ok {
		return "", errors.New("axe-core.sha512 does not hold a version and a hash")
	}
	name := "axe-core-" + version + ".tgz"
	folder, err := os.UserCacheDir()
	if err != nil {
		folder = os.TempDir()
	}
	folder = filepath.Join(folder, "openmic")
	packed, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil || hashOf(packed) != want {
		if packed, err = packAxe(folder, version, name); err != nil {
			return "", err
		}
	}
	if got := hashOf(packed); got != want {
		return "", fmt.Errorf("%s has the hash %s instead of %s", name, got, want)
	}
	return unpackAxe(packed)
}

// packAxe fetches the package with npm and keeps it.
func packAxe(folder, version, name string) ([]byte, error) {
	npm, err := exec.LookPath("npm")
	if err != nil {
		return nil, fmt.Errorf("npm is needed once to fetch it (install npm, or put %s into %s): %w", name, folder, err)
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	// Several test programs may fetch at once: each into its own folder, the name last.
	own, err := os.MkdirTemp(folder, "fetch")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(own)
	cmd := exec.Command(npm, "pack", "--silent", "axe-core@"+version)
	cmd.Dir = own
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("npm pack: %w: %s", err, out)
	}
	if err := os.Rename(filepath.Join(own, name), filepath.Join(folder, name)); err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(folder, name))
}

func unpackAxe(packed []byte) (string, error) {
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return "", err
	}
	for files := tar.NewReader(z); ; {
		h, err := files.Next()
		if err != nil {
			return "", fmt.Errorf("axe.min.js in the package: %w", err)
		}
		if h.Name == "package/axe.min.js" {
			source, err := io.ReadAll(files)
			return string(source), err
		}
	}
}

func hashOf(packed []byte) string {
	sum := sha512.Sum512(packed)
	return "sha512-" + base64.StdEncoding.EncodeToString(sum[:])
}
