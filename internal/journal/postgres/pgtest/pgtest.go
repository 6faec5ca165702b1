//go:build unix

// Package pgtest starts real PostgreSQL servers for tests, from the system's own packages, and breaks them.
//
// A server lives in a folder of the test and listens on loopback only, with fsync on: what the tests are told is on
// disk is on disk. Root's tests run it as another user, because PostgreSQL refuses root.
//
// Where PostgreSQL is not installed the tests fail and say so; with OPENMIC_POSTGRES=without they are skipped.
package pgtest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// A Server is one PostgreSQL in one folder.
type Server struct {
	Folder string // its data
	Port   int

	root    string // holds Folder and the socket
	as      *syscall.SysProcAttr
	options []string
	cmd     *exec.Cmd
	gone    chan struct{} // closed when the first process has ended
	log     string
}

// programs is where initdb and postgres are, "" when they are nowhere: in PATH, or where Debian puts them.
func programs() string {
	if p, err := exec.LookPath("initdb"); err == nil {
		if p, err = filepath.EvalSymlinks(p); err == nil {
			return filepath.Dir(p)
		}
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) == 0 {
		return ""
	}
	slices.SortFunc(found, func(a, b string) int { return newness(a) - newness(b) })
	return filepath.Dir(found[len(found)-1])
}

func newness(path string) int {
	n, _ := strconv.Atoi(strings.Split(path, "/")[4])
	return n
}

// Need says whether PostgreSQL is there, and fails or skips the test when it is not.
func Need(t testing.TB) {
	t.Helper()
	switch {
	case programs() != "":
	case os.Getenv("OPENMIC_POSTGRES") == "without":
		t.Skip("PostgreSQL is not installed, and OPENMIC_POSTGRES says to go on without")
	default:
		t.Fatal("PostgreSQL is not installed (initdb is neither in PATH nor below /usr/lib/postgresql); make needs installs it")
	}
}

// Start makes a server and starts it. It is stopped and removed with the test. Options are lines of its configuration,
// such as "synchronous_commit=off".
func Start(t testing.TB, options ...string) *Server {
	t.Helper()
	s := fresh(t, options)
	s.run(t, "initdb", "-D", s.Folder, "-U", "openmic", "-A", "trust", "-E", "UTF8", "--no-locale", "-N")
	s.Up(t)
	return s
}

// Standby makes a server that follows this one, with a copy of what it has. It starts it too.
func (s *Server) Standby(t testing.TB, name string, options ...string) *Server {
	t.Helper()
	b := fresh(t, options)
	b.run(t, "pg_basebackup", "-D", b.Folder, "-R", "-X", "stream", "-c", "fast", "-N", "-d",
		fmt.Sprintf("host=127.0.0.1 port=%d user=openmic application_name=%s", s.Port, name))
	b.Up(t)
	return b
}

func fresh(t testing.TB, options []string) *Server {
	t.Helper()
	Need(t)
	root, err := os.MkdirTemp("", "openmic-pg-") // short: a socket's path may have a hundred letters
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{root: root, Folder: filepath.Join(root, "data"), Port: port(t), options: options, log: filepath.Join(root, "log")}
	t.Cleanup(func() {
		s.Kill()
		os.RemoveAll(root)
	})
	if os.Getuid() == 0 {
		uid, gid := other(t)
		s.as = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: gid}}
		if err := os.Chown(root, int(uid), int(gid)); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// other is a user who is not root.
func other(t testing.TB) (uid, gid uint32) {
	t.Helper()
	for _, name := range []string{"postgres", "nobody"} {
		if u, err := user.Lookup(name); err == nil {
			id, _ := strconv.Atoi(u.Uid)
			group, _ := strconv.Atoi(u.Gid)
			return uint32(id), uint32(group)
		}
	}
	t.Fatal("there is neither a user postgres nor nobody, and PostgreSQL does not run as root")
	return 0, 0
}

func port(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func (s *Server) command(name string, args ...string) *exec.Cmd {
	c := exec.Command(filepath.Join(programs(), name), args...)
	c.SysProcAttr = s.as
	c.Dir = s.root
	c.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "HOME=" + s.root}
	return c
}

func (s *Server) run(t testing.TB, name string, args ...string) {
	t.Helper()
	if out, err := s.command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
}

// Up starts the server and waits until it answers, or as a standby follows.
func (s *Server) Up(t testing.TB) {
	t.Helper()
	if err := s.start(); err != nil {
		t.Fatal(err)
	}
}

func (s *Server) start() error {
	for range 400 {
		if s.cmd == nil {
			if err := s.launch(); err != nil {
				return err
			}
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		c, err := pgconn.Connect(ctx, s.URL("postgres"))
		if err == nil {
			c.Close(ctx)
			cancel()
			return nil
		}
		cancel()
		select {
		case <-s.gone:
			s.cmd = nil // what was killed before is not all gone yet
		case <-time.After(50 * time.Millisecond):
		}
	}
	return fmt.Errorf("the server does not answer; it says:\n%s", s.Log())
}

func (s *Server) launch() error {
	args := []string{"-D", s.Folder, "-p", strconv.Itoa(s.Port), "-k", s.root, "-h", "127.0.0.1"}
	for _, o := range append([]string{"fsync=on", "max_connections=200", "max_wal_size=256MB"}, s.options...) {
		args = append(args, "-c", o)
	}
	cmd := s.command("postgres", args...)
	log, err := os.OpenFile(s.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return err
	}
	gone := make(chan struct{})
	s.cmd, s.gone = cmd, gone
	go func() {
		cmd.Wait() // how it ended stands in its log
		close(gone)
	}()
	return nil
}

// URL is the address of one of its databases.
func (s *Server) URL(database string) string {
	return fmt.Sprintf("postgres://openmic@127.0.0.1:%d/%s?sslmode=disable", s.Port, database)
}

// Address is its host and port.
func (s *Server) Address() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.Port)) }

// PID is that of its first process, 0 while it is down.
func (s *Server) PID() int {
	if s.cmd == nil {
		return 0
	}
	return s.cmd.Process.Pid
}

// Log is what it has said so far.
func (s *Server) Log() string {
	b, err := os.ReadFile(s.log)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err.Error()
	}
	return string(b)
}

var databases atomic.Int64

// Database makes an empty database and gives its address.
func (s *Server) Database(t testing.TB) string {
	t.Helper()
	name := fmt.Sprintf("d%d", databases.Add(1))
	s.Query(t, "postgres", "CREATE DATABASE "+name+" TEMPLATE template0")
	return s.URL(name)
}

// Query runs a script in one of its databases and gives the first column of the last answer.
func (s *Server) Query(t testing.TB, database, script string) (out []string) {
	t.Helper()
	out, err := s.Try(database, script)
	if err != nil {
		t.Fatalf("%s: %v", script, err)
	}
	return out
}

// Try is Query for what may fail.
func (s *Server) Try(database, script string) (out []string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	c, err := pgconn.Connect(ctx, s.URL(database))
	if err != nil {
		return nil, err
	}
	defer c.Close(ctx)
	all, err := c.Exec(ctx, script).ReadAll()
	if err != nil || len(all) == 0 {
		return nil, err
	}
	for _, r := range all[len(all)-1].Rows {
		out = append(out, string(r[0]))
	}
	return out, nil
}

// Kill ends the server as a power cut would: at once, with everything it had started.
func (s *Server) Kill() {
	if s.cmd == nil {
		return
	}
	s.cmd.Process.Signal(syscall.SIGSTOP) // it starts nothing more
	for _, pid := range append(children(s.cmd.Process.Pid), s.cmd.Process.Pid) {
		syscall.Kill(pid, syscall.SIGKILL)
	}
	<-s.gone
	s.cmd = nil
}

// children lists who was started by a process. Where there is no /proc they are left to notice by themselves that
// their parent died.
func children(of int) (pids []int) {
	all, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, name := range all {
		b, err := os.ReadFile(name)
		if err != nil {
			continue // it is gone
		}
		var pid, parent int
		var state string
		if _, err := fmt.Sscan(string(b), &pid); err != nil {
			continue
		}
		if _, err := fmt.Sscan(string(b[strings.LastIndexByte(string(b), ')')+1:]), &state, &parent); err == nil && parent == of {
			pids = append(pids, pid)
		}
	}
	return pids
}

// Stop ends the server in order.
func (s *Server) Stop(t testing.TB) {
	t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	<-s.gone
	s.cmd = nil
}

// Configure changes settings while the server runs, each as ALTER SYSTEM takes it.
func (s *Server) Configure(t testing.TB, settings ...string) {
	t.Helper()
	for _, x := range settings {
		s.Query(t, "postgres", "ALTER SYSTEM SET "+x)
	}
	s.Query(t, "postgres", "SELECT pg_reload_conf()")
}

// Promote makes a standby take writes, and waits until it does.
func (s *Server) Promote(t testing.TB) {
	t.Helper()
	if got := s.Query(t, "postgres", "SELECT pg_promote(true, 30)"); len(got) != 1 || got[0] != "t" {
		t.Fatalf("the standby was not promoted: %v\n%s", got, s.Log())
	}
}

// shared is one server for all tests of a process that do not break it.
var shared struct {
	once sync.Once
	s    *Server
}

// Main runs the tests of a package with one server that Shared gives; call it from TestMain.
func Main(m *testing.M) int {
	defer func() {
		if shared.s != nil {
			shared.s.Kill()
			os.RemoveAll(shared.s.root)
		}
	}()
	return m.Run()
}

// Shared is a server that all tests of the process use, each with a database of its own. It is started when first
// asked for, and needs Main.
func Shared(t testing.TB) *Server {
	t.Helper()
	Need(t)
	shared.once.Do(func() {
		k := &keeper{TB: t}
		shared.s = Start(k)
	})
	if shared.s == nil {
		t.Fatal("the server did not start; the first test that asked for it says why")
	}
	return shared.s
}

// keeper is a test whose end does not end the server.
type keeper struct{ testing.TB }

func (*keeper) Cleanup(func()) {}
