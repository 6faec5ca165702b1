package replay

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestMain lets this program be one that is asked for its calls. With OPENMIC_LIE it names somebody else in the first
// call, or says nothing that can be understood.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "replay" && os.Args[2] == "-calls" {
		if err := lie(os.Args[3:]); err != nil {
			fmt.Fprintln(os.Stderr, "openmic replay:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func lie(records []string) error {
	switch os.Getenv("OPENMIC_LIE") {
	case "older":
		return fmt.Errorf("there is no command %q", "replay")
	case "chatter":
		for {
			if _, err := fmt.Println("hello"); err != nil {
				return err
			}
		}
	case "another":
		out := json.NewEncoder(os.Stdout)
		for i, name := range records {
			a := answer(name)
			if i == 0 {
				a.Calls[1].Rule.Ticket, a.Calls[1].Rule.Person = "s99", "room-99"
				a.Calls[2].Rule.W = [2]int{9, 9}
			}
			if err := out.Encode(a); err != nil {
				return err
			}
		}
		return nil
	}
	return Calls(context.Background(), os.Stdout, records)
}

func madeUp(t *testing.T) []Session {
	t.Helper()
	sessions, err := MadeUp(t.Context(), t.TempDir(), 2)
	if err != nil {
		t.Fatal(err)
	}
	if len(sessions) < 10 {
		t.Fatalf("only %d sessions are made up", len(sessions))
	}
	return sessions
}

func self(t *testing.T, name, lies string) Rule {
	t.Helper()
	t.Setenv("OPENMIC_LIE", lies)
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return Program(name, path)
}

// The same rule twice, in two programs or in one and the record, differs nowhere.
func TestNothingDiffers(t *testing.T) {
	sessions := madeUp(t)
	program := self(t, "OLD", "")
	for _, pair := range [][2]Rule{{program, program}, {Recorded(), program}, {Recorded(), This()}, {program, This()}} {
		var said strings.Builder
		if n, err := Compare(t.Context(), &said, pair[0], pair[1], sessions); err != nil || n != 0 {
			t.Errorf("%s and %s: %d, %v\n%s", pair[0].Name, pair[1].Name, n, err, said.String())
		}
	}
}

// Where a program would have called somebody else, or for another reason, there is a line for the call, and none for those
// after it.
func TestDifferencesAreTold(t *testing.T) {
	sessions := madeUp(t)
	var said strings.Builder
	n, err := Compare(t.Context(), &said, This(), self(t, "NEW", "another"), sessions)
	lines := strings.Split(said.String(), "\n")
	if err != nil || n != 2 || len(lines) != 4 {
		t.Fatalf("%d, %v\n%s", n, err, said.String())
	}
	for i, part := range []string{"NEW calls room-99 (", "weights 9 and 9", "differ in 2, and name somebody else in 1."} {
		if !strings.Contains(lines[i], part) {
			t.Errorf("line %d says %q, not %q", i+1, lines[i], part)
		}
	}
	if !strings.HasPrefix(lines[0], sessions[0].Title+", ") {
		t.Errorf("%q does not name its session", lines[0])
	}
}

// A program that knows no replay, or talks without end, is one sentence.
func TestProgramsThatDoNotAnswer(t *testing.T) {
	sessions := madeUp(t)[:2]
	for lies, says := range map[string]string{"older": `OLD: it does not answer replay -calls (openmic replay: there is no command "replay")`, "chatter": "OLD: it does not answer replay -calls (invalid character"} {
		_, err := Compare(t.Context(), new(strings.Builder), self(t, "OLD", lies), This(), sessions)
		if err == nil || !strings.HasPrefix(err.Error(), says) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", lies, err)
		}
	}
}

// What only looks like a record counts as a difference, and the others are compared all the same.
func TestBrokenRecord(t *testing.T) {
	sessions := madeUp(t)
	folder := filepath.Join(filepath.Dir(sessions[0].Path), "deeper")
	bad := filepath.Join(folder, "bad.openmic")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(bad, []byte("PK\x03\x04 and no more"), 0o600); err != nil {
		t.Fatal(err)
	}
	found, ok, err := Records(filepath.Dir(folder))
	if err != nil || !ok || len(found) != len(sessions)+1 {
		t.Fatalf("%d of %d records found, %v", len(found), len(sessions)+1, err)
	}
	var said strings.Builder
	if n, err := Compare(t.Context(), &said, Recorded(), self(t, "NEW", ""), found); err != nil || n != 1 || !strings.Contains(said.String(), "bad.openmic, neither reads it: the file: ") {
		t.Errorf("%d, %v\n%s", n, err, said.String())
	}
	if err := os.Remove(bad); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Records(folder); err == nil {
		t.Error("an empty folder is taken for records")
	}
	if _, ok, err := Records(os.Args[0]); ok || err != nil {
		t.Errorf("a program is taken for a record (%v)", err)
	}
	if _, _, err := Records(bad); err == nil {
		t.Error("what is not there is taken for a program")
	}
}
