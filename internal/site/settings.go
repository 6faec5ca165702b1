package site

import (
	"errors"
	"flag"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Settings is what whoever starts the program may choose. Each is a flag, and an environment variable named
// OPENMIC_ and the flag in capitals.
type Settings struct {
	Data      string // folder of everything that is kept
	Journal   string // address of a PostgreSQL database that keeps the sessions instead; several nodes may share it
	Listen    string // address and port
	Public    string // address that others reach this program by, when it knows it cannot find out itself
	Cert, Key string // files of a certificate pair; TLS when both are set
	PlainCrew bool   // take crew passes over plain HTTP from other machines
	Memory    int    // MiB to stay below where that can be done; 0: as the runtime does

	Now func() time.Time // the clock; nil is time.Now. Rehearsals bring a faster one.

	unread error // what the environment holds and is no value
}

// Flags registers the settings, with their defaults from the environment.
func (s *Settings) Flags(f *flag.FlagSet, folder string) {
	env := func(name, otherwise string) string {
		if v, ok := os.LookupEnv("OPENMIC_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))); ok {
			return v
		}
		return otherwise
	}
	f.StringVar(&s.Data, "data", env("data", folder), "`folder` that holds everything openmic keeps; made when it is not there")
	f.StringVar(&s.Journal, "journal", "", "`URL` of a PostgreSQL database that keeps the sessions of several nodes, such as postgres://openmic@db.example.org/openmic; the data folder then holds only the site's key")
	s.Journal = env("journal", "") // no default: help would print the password that may be in it
	f.StringVar(&s.Listen, "listen", env("listen", ":8080"), "`address` and port to answer on; 127.0.0.1:8080 is this machine only")
	f.StringVar(&s.Public, "public", env("public", ""), "`URL` by which others reach this program, such as https://mic.example.org; found out when empty")
	f.StringVar(&s.Cert, "tls-cert", env("tls-cert", ""), "certificate `file` (PEM); with -tls-key openmic speaks HTTPS itself")
	f.StringVar(&s.Key, "tls-key", env("tls-key", ""), "`file` of the certificate's private key (PEM)")
	plain := false
	switch v := strings.ToLower(env("plain-crew", "no")); v {
	case "yes", "true", "1":
		plain = true
	case "no", "false", "0", "":
	default:
		s.unread = fmt.Errorf("OPENMIC_PLAIN_CREW is %q, neither yes nor no", v)
	}
	memory, err := strconv.Atoi(env("memory", "60"))
	if err != nil {
		s.unread = fmt.Errorf("OPENMIC_MEMORY is %q, no whole number of MiB", env("memory", ""))
	}
	f.IntVar(&s.Memory, "memory", memory, "`MiB` that the program stays below while it can, its own file included; 60 serves 300 people, and where it needs more it takes more. 0 leaves this to GOGC and GOMEMLIMIT, which count before it")
	f.BoolVar(&s.PlainCrew, "plain-crew", plain, "take crew links over plain HTTP from other machines too (OPENMIC_PLAIN_CREW=yes); others on the network could read along")
}

// DefaultFolder is where data are kept when nothing is said: the user's data folder.
func DefaultFolder(name string) string {
	if d := os.Getenv("XDG_DATA_HOME"); d != "" {
		return filepath.Join(d, name)
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return name
	}
	return filepath.Join(home, ".local", "share", name)
}

// Check says in one sentence what is wrong with the settings, before anything is opened.
func (s *Settings) Check() error {
	if s.unread != nil {
		return s.unread
	}
	if _, _, err := net.SplitHostPort(s.Listen); err != nil {
		return fmt.Errorf("-listen %q is not an address with a port, such as :8080", s.Listen)
	}
	if s.Public != "" {
		u, err := url.Parse(s.Public)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || strings.Trim(u.Path, "/") != "" {
			return fmt.Errorf("-public %q is not an address such as https://mic.example.org", s.Public)
		}
		s.Public = u.Scheme + "://" + u.Host
	}
	if (s.Cert == "") != (s.Key == "") {
		return errors.New("-tls-cert and -tls-key are needed together")
	}
	if s.Journal != "" && !strings.HasPrefix(s.Journal, "postgres://") && !strings.HasPrefix(s.Journal, "postgresql://") {
		return errors.New("-journal must begin with postgres:// (sessions are in the data folder when it is empty)")
	}
	if s.Memory < 0 {
		return fmt.Errorf("-memory %d is less than nothing", s.Memory)
	}
	if s.Data == "" {
		return errors.New("-data must name a folder")
	}
	if s.Now == nil {
		s.Now = time.Now
	}
	return nil
}
