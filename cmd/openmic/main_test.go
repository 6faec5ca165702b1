package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"flag"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"openmic/floor"
	"openmic/internal/guest"
	"openmic/internal/site"
	"openmic/internal/web/hall"
)

// TestMain lets this test program be openmic itself, as a process of its own.
func TestMain(m *testing.M) {
	if os.Getenv("OPENMIC_TEST_MAIN") != "" {
		os.Unsetenv("OPENMIC_TEST_MAIN")
		main()
	}
	os.Exit(m.Run())
}

// child is openmic with these arguments, and with nothing of this machine's settings.
func child(ctx context.Context, t *testing.T, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, os.Args[0], args...)
	for _, kv := range os.Environ() {
		if !strings.HasPrefix(kv, "OPENMIC_") && !strings.HasPrefix(kv, "XDG_DATA_HOME=") {
			c.Env = append(c.Env, kv)
		}
	}
	c.Env = append(c.Env, "OPENMIC_TEST_MAIN=1", "XDG_DATA_HOME=/dev/null")
	return c
}

// openmic runs it to its end.
func openmic(t *testing.T, args ...string) (out, errs string, code int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c := child(ctx, t, args...)
	var o, e bytes.Buffer
	c.Stdout, c.Stderr = &o, &e
	err := c.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) || ctx.Err() != nil {
		t.Errorf("openmic %s: %v\n%s", strings.Join(args, " "), err, &e)
	}
	return o.String(), e.String(), c.ProcessState.ExitCode()
}

// sentence: one line, that begins with the command and holds these words.
func sentence(t *testing.T, errs string, words ...string) {
	t.Helper()
	if strings.Count(errs, "\n") != 1 || !strings.HasPrefix(errs, "openmic") || strings.Contains(errs, "goroutine") {
		t.Errorf("not one sentence: %q", errs)
	}
	for _, w := range words {
		if !strings.Contains(errs, w) {
			t.Errorf("%q does not say %q", errs, w)
		}
	}
}

func TestWhatCannotBeDone(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	folder := filepath.Join(dir, "data")
	cert, key := pair(t, dir)
	local := "127.0.0.1:0"
	var each sync.WaitGroup
	check := func(args []string, code int, words []string) {
		_, errs, got := openmic(t, args...)
		if got != code {
			t.Errorf("openmic %s: exit code %d\n%s", strings.Join(args, " "), got, errs)
		}
		sentence(t, errs, words...)
	}
	for _, x := range []struct {
		args  []string
		code  int
		words []string
	}{
		{[]string{"dance"}, 2, []string{`"dance"`, "openmic help"}},
		{[]string{"--dance"}, 2, []string{`"--dance"`}},
		{[]string{"serve", "-loud"}, 2, []string{"-loud", "openmic help serve"}},
		{[]string{"serve", "-listen"}, 2, []string{"-listen", "openmic help serve"}},
		{[]string{"serve", "-plain-crew=perhaps"}, 2, []string{"plain-crew"}},
		{[]string{"serve", "now"}, 2, []string{"no arguments and was given 1 argument;"}},
		{[]string{"demo", "-loud"}, 2, []string{"-loud", "openmic help demo"}},
		{[]string{"export"}, 2, []string{"1 to 2 arguments and was given no arguments", "openmic help export"}},
		{[]string{"export", "a", "b", "c"}, 2, []string{"3 arguments"}},
		{[]string{"export", "-data", filepath.Join(dir, "nowhere"), "a"}, 1, []string{"no openmic data folder", "nowhere"}},
		{[]string{"import"}, 2, []string{"openmic help import"}},
		{[]string{"plan"}, 2, []string{"openmic help plan"}},
		{[]string{"plan", "read", file}, 1, []string{`"read"`}},
		{[]string{"plan", "import", filepath.Join(dir, "nowhere")}, 1, []string{"nowhere"}},
		{[]string{"help", "dance"}, 1, []string{`"dance"`}},
		{[]string{"rehearse", filepath.Join(dir, "nowhere")}, 1, []string{"nowhere"}},
		{[]string{"serve", "-data", folder, "-listen", taken.Addr().String()}, 1, []string{taken.Addr().String(), "in use"}},
		{[]string{"serve", "-data", folder, "-listen", "8080"}, 1, []string{`-listen "8080"`, ":8080"}},
		{[]string{"serve", "-data", folder, "-listen", ":many"}, 1, []string{":many"}},
		{[]string{"serve", "-data", folder, "-listen", "192.0.2.1:8080"}, 1, []string{"192.0.2.1:8080"}},
		{[]string{"serve", "-data", folder, "-listen", local, "-public", "mic.example.org"}, 1, []string{`-public "mic.example.org"`, "https://"}},
		{[]string{"serve", "-data", folder, "-listen", local, "-public", "ftp://mic.example.org"}, 1, []string{"-public"}},
		{[]string{"serve", "-data", folder, "-listen", local, "-public", "https://mic.example.org/floor"}, 1, []string{"-public"}},
		{[]string{"serve", "-data", "", "-listen", local}, 1, []string{"-data"}},
		{[]string{"serve", "-data", file, "-listen", local}, 1, []string{file, "not a directory"}},
		{[]string{"serve", "-data", filepath.Join(file, "below"), "-listen", local}, 1, []string{file, "not a directory"}},
		{[]string{"serve", "-data", folder, "-listen", local, "-tls-cert", cert}, 1, []string{"-tls-key", "together"}},
		{[]string{"serve", "-data", folder, "-listen", local, "-tls-key", key}, 1, []string{"-tls-cert", "together"}},
		{[]string{"serve", "-data", folder, "-listen", local, "-tls-cert", cert + "x", "-tls-key", key}, 1, []string{"certificate", cert + "x"}},
		{[]string{"serve", "-data", folder, "-listen", local, "-tls-cert", cert, "-tls-key", file}, 1, []string{"certificate"}},
		{[]string{"export", "-data", folder, "nobody"}, 1, []string{`"nobody"`, folder}},
		{[]string{"export", "-data", folder, "nobody", filepath.Join(dir, "out")}, 1, []string{`"nobody"`}},
		{[]string{"import", "-data", folder, filepath.Join(dir, "nowhere")}, 1, []string{"nowhere"}},
		{[]string{"import", "-data", folder, file}, 1, []string{file, "line 1", "nothing was changed"}},
		{[]string{"import", "-data", folder, dir}, 1, []string{dir}},
	} {
		if slices.Contains(x.args, folder) { // one after the other: the folder is theirs alone
			check(x.args, x.code, x.words)
		} else {
			each.Go(func() { check(x.args, x.code, x.words) })
		}
	}
	each.Wait()
	if _, err := os.Stat(filepath.Join(dir, "out")); err == nil {
		t.Error("an export that failed left a file")
	}
}

func pair(t *testing.T, dir string) (cert, key string) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"localhost"}}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &k.PublicKey, k)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for name, b := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(b), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

// Help is there for every command, on every way to it, and starts nothing.
func TestHelp(t *testing.T) {
	all, errs, code := openmic(t)
	if code != 0 || errs != "" || !strings.Contains(all, "openmic demo") {
		t.Errorf("openmic: %d %s", code, errs)
	}
	for _, way := range [][]string{{"help"}, {"-h"}, {"--help"}} {
		if out, _, code := openmic(t, way...); out != all || code != 0 {
			t.Errorf("openmic %s says something else", way[0])
		}
	}
	var each sync.WaitGroup
	defer each.Wait()
	for _, c := range commands {
		if !strings.Contains(all, "openmic "+c.name+" ") {
			t.Errorf("openmic help does not list %s", c.name)
		}
		each.Go(func() {
			out, errs, code := openmic(t, "help", c.name)
			if code != 0 || errs != "" || !strings.HasPrefix(out, "openmic "+c.name+" "+c.use) || len(strings.Split(out, "\n")) < 3 {
				t.Errorf("openmic help %s: %d %q %q", c.name, code, out, errs)
			}
			if c.name == "help" {
				return
			}
			if way, errs, code := openmic(t, c.name, "-h"); way != out || errs != "" || code != 0 {
				t.Errorf("openmic %s -h: %d %q %q", c.name, code, way, errs)
			}
		})
	}
	for name, flag := range map[string]string{"serve": "new-link", "export": "data", "plan": "json", "rehearse": "pace", "bench": "out", "verify": "key"} {
		if out, _, _ := openmic(t, "help", name); !strings.Contains(out, "  -"+flag) {
			t.Errorf("openmic help %s does not explain -%s", name, flag)
		}
	}
	out, _, code := openmic(t, "help", "settings")
	serve, _, _ := openmic(t, "help", "serve")
	f := flag.NewFlagSet("", flag.ContinueOnError)
	new(site.Settings).Flags(f, "")
	f.VisitAll(func(f *flag.Flag) {
		for _, page := range []string{out, serve} {
			if code != 0 || !strings.Contains(page, "  -"+f.Name) {
				t.Errorf("help does not name -%s", f.Name)
			}
		}
	})
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// workshop makes a session with people and words in a folder, and gives its id and the chair's link.
func workshop(t *testing.T, folder string) (id, link string) {
	t.Helper()
	ctx := t.Context()
	s, err := site.Open(ctx, site.Settings{Data: folder, Listen: "127.0.0.1:0"}, quiet())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Serve(ctx); err != nil {
		t.Fatal(err)
	}
	id, links, err := s.Create(ctx, hall.Draft{
		Plan:   floor.Plan{Title: "Islands & <networks>", Questions: []string{"Who?"}, Segments: []floor.SegmentPlan{{Kind: "discussion", Minutes: 90}}},
		People: []hall.Invitee{{Name: "Léa Chair", Roles: floor.Chair | floor.Desk}},
	})
	if err != nil {
		t.Fatal(err)
	}
	chair, err := guest.Come(http.DefaultClient, s.Local()+links[0].Path)
	if err != nil {
		t.Fatal(err)
	}
	ana, _, err := guest.Knock(ctx, http.DefaultClient, s.Local()+"/s/"+id+"/online", map[string]any{"id": "1", "name": "Ana “ねこ” \u2028 مرحبا", "preset": "name"})
	if err != nil || ana == nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		as *guest.Guest
		do map[string]any
	}{{chair, map[string]any{"do": "open"}}, {ana, map[string]any{"do": "ask", "about": "cables & <tides>"}}, {ana, map[string]any{"do": "write", "text": "two\nlines"}},
		{chair, map[string]any{"do": "call"}}, {chair, map[string]any{"do": "jot", "text": "a note"}}} {
		if a, err := x.as.Do(ctx, x.do); err != nil || !a.Accepted() {
			t.Fatal(x.do, a.Say, err)
		}
	}
	return id, links[0].Path
}

// A session goes through export and import as it is: the same bytes, the same state, and its link works again.
func TestExportAndImport(t *testing.T) {
	dir := t.TempDir()
	here, there := filepath.Join(dir, "here"), filepath.Join(dir, "there")
	id, _ := workshop(t, here)
	first, second := filepath.Join(dir, "first.txt"), filepath.Join(dir, "second.txt")
	if out, errs, code := openmic(t, "export", "-data", here, id, first); code != 0 || errs != "" || out != "" {
		t.Fatal(out, errs)
	}
	printed, _, _ := openmic(t, "export", "-data", here, id)
	out, errs, code := openmic(t, "import", "-data", there, first)
	if code != 0 || errs != "" || !strings.Contains(out, "/s/"+id+"/in#") {
		t.Fatal(out, errs)
	}
	if out, errs, code := openmic(t, "export", "-data", there, id, second); code != 0 {
		t.Fatal(out, errs)
	}
	a, err := os.ReadFile(first)
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(second)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a, b) || string(a) != printed {
		t.Error("export, import and export give other bytes")
	}
	for _, to := range []string{here, there} {
		_, errs, code := openmic(t, "import", "-data", to, first)
		if code != 1 {
			t.Errorf("imported twice: %d", code)
		}
		sentence(t, errs, id, "already", "nothing was changed")
	}
}

// Whatever happens to an exported file on its way, import names the line and keeps nothing.
func TestImportOfDamagedFiles(t *testing.T) {
	dir := t.TempDir()
	id, _ := workshop(t, filepath.Join(dir, "here"))
	text, errs, _ := openmic(t, "export", "-data", filepath.Join(dir, "here"), id)
	if text == "" {
		t.Fatal(errs)
	}
	s, err := site.Open(t.Context(), site.Settings{Data: filepath.Join(dir, "there"), Listen: "127.0.0.1:0"}, quiet())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	names := regexp.MustCompile(`^line \d+: .*nothing was changed$`)
	refused := func(what, text string) {
		t.Helper()
		_, _, err := s.Import(t.Context(), strings.NewReader(text))
		if err == nil {
			t.Fatalf("%s was imported", what)
		}
		if !names.MatchString(err.Error()) {
			t.Errorf("%s: %v", what, err)
		}
	}
	lines := strings.SplitAfter(strings.TrimSuffix(text, "\n"), "\n")
	join := func(parts ...[]string) string {
		var out strings.Builder
		for _, p := range parts {
			out.WriteString(strings.Join(p, ""))
		}
		return out.String()
	}
	refused("nothing", "")
	refused("a picture", "\x89PNG\r\n\x1a\n\x00\x00")
	refused("a letter", "Dear colleagues,\n")
	refused("a long line", "openmic "+strings.Repeat("x", 2<<20))
	refused("two sessions", text+text)
	refused("a line too many", text+"\n")
	for i, l := range lines {
		kind, _, _ := strings.Cut(l, " ")
		if i < len(lines)-1 {
			refused("a file torn before its end", join(lines[:i+1]))
		}
		refused("a file torn in a line", join(lines[:i], []string{l[:len(l)/2]}))
		refused("a line twice", join(lines[:i+1], lines[i:]))
		if kind != "words" { // words may be missing: they were erased
			refused("a missing "+kind, join(lines[:i], lines[i+1:]))
		}
		if i > 0 && i < len(lines)-1 && !(kind == "words" && strings.HasPrefix(lines[i-1], "words")) {
			refused("lines in another order", join(lines[:i-1], []string{lines[i], lines[i-1]}, lines[i+1:]))
		}
		if kind == "openmic" {
			continue // its room code is nobody's proof
		}
		for _, at := range []int{0, len(kind) + 1, len(l) / 3, len(l) / 2, 2 * len(l) / 3, len(l) - 2} {
			for _, c := range []byte{'A', '0', '"', ' ', 0x80} {
				if l[at] != c {
					refused("an altered "+l[:at]+"["+string(rune(c))+"]"+l[at+1:], join(lines[:i], []string{l[:at] + string([]byte{c}) + l[at+1:]}, lines[i+1:]))
				}
			}
		}
		refused("an indented line", join(lines[:i], []string{strings.Replace(l, ":", ": ", 1)}, lines[i+1:]))
	}
	refused("a foreign session", strings.Replace(text, `"session":"`+id, `"session":"other`, 1))
	refused("a hostile name", strings.ReplaceAll(text, id, "../../x"))
	if list, err := s.Sessions(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("after all this there is %v %v", list, err)
	}
	if _, ok := s.Hall(id); ok {
		t.Error("a session is there that nobody imported")
	}
	if got, _, err := s.Import(t.Context(), strings.NewReader(text)); err != nil || got != id {
		t.Error("the file itself is not taken any more:", err)
	}
}

// While openmic serves, nobody else uses its folder; Ctrl-C ends it although phones are watching, and the next start
// finds everything.
func TestServeAndStop(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "data")
	id, link := workshop(t, folder)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for _, sign := range []os.Signal{os.Interrupt, os.Kill, os.Interrupt} {
		c := child(ctx, t, "serve", "-data", folder, "-listen", address)
		var out, errs bytes.Buffer
		c.Stdout, c.Stderr = &out, &errs
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		base := "http://" + address
		for ctx.Err() == nil {
			res, err := http.Get(base + "/s/" + id + "/online")
			if err == nil {
				res.Body.Close()
				break
			}
		}
		if _, errs, code := openmic(t, "serve", "-data", folder, "-listen", "127.0.0.1:0"); code != 1 {
			t.Errorf("a second one serves the same folder: %d", code)
		} else {
			sentence(t, errs, folder)
		}
		if _, errs, code := openmic(t, "export", "-data", folder, id); code != 1 {
			t.Errorf("an export while it is served: %d", code)
		} else {
			sentence(t, errs, folder)
		}
		chair, err := guest.Come(http.DefaultClient, base+link)
		if err != nil {
			t.Fatal(err)
		}
		var streams []*http.Response
		for _, screen := range []string{"chair/live", "line/live", "line/live"} {
			res, err := chair.Get(ctx, screen)
			if err != nil || res.StatusCode != http.StatusOK {
				t.Fatal(res, err)
			}
			if _, err := res.Body.Read(make([]byte, 10)); err != nil {
				t.Fatal(err)
			}
			streams = append(streams, res)
		}
		begun := time.Now()
		if err := c.Process.Signal(sign); err != nil {
			t.Fatal(err)
		}
		for _, s := range streams {
			io.Copy(io.Discard, s.Body)
			s.Body.Close()
		}
		err = c.Wait()
		if took := time.Since(begun); sign == os.Interrupt && (err != nil || took > 5*time.Second) {
			t.Errorf("stopped after %v: %v\n%s", took, err, &errs)
		}
		if sign == os.Interrupt && !strings.Contains(out.String(), "everything that was accepted is on disk") {
			t.Errorf("it said %s", &out)
		}
		http.DefaultClient.CloseIdleConnections()
	}
	if text, errs, code := openmic(t, "export", "-data", folder, id); code != 0 || !strings.Contains(text, "cables & <tides>") {
		t.Error(errs)
	}
}
