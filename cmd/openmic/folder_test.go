package main

import (
	"bufio"
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A data folder may be named from where one stands, with any letters, by flag or by the environment: it is served, saved,
// restored, exported, written as a record and served again.
func TestFoldersByAnyName(t *testing.T) {
	t.Chdir(t.TempDir())
	silent(t)
	for i, folder := range []string{"venue", "./a b", "100% #1?x=y&z", "フロア/salle d'été", "../here and there", "file:v"} {
		if i == 4 {
			if err := os.Mkdir("deeper", 0o700); err != nil {
				t.Fatal(err)
			}
			t.Chdir("deeper")
		}
		id, _ := workshop(t, folder)
		does := func(args ...string) {
			t.Helper()
			var said bytes.Buffer
			if got := run(t.Context(), args, &said); got != 0 {
				t.Errorf("%q: exit %d: %s", args, got, &said)
			}
		}
		saved, next := folder+" saved.zip", folder+" restored"
		does("backup", "-data", folder, saved)
		does("restore", "-data", next, "-key", filepath.Join(folder, "key"), saved)
		t.Setenv("OPENMIC_DATA", next)
		does("export", id, folder+" session.txt")
		serves(t)
		does("record", id, folder+" record")
		does("verify", folder+" record")
		does("backup", saved+"2")
		t.Setenv("OPENMIC_DATA", folder+" again/")
		does("restore", saved+"2")
		serves(t)
	}
	if err := os.Mkdir("empty", 0o700); err != nil {
		t.Fatal(err)
	}
	t.Chdir("empty")
	var said bytes.Buffer
	if got := run(t.Context(), []string{"restore", "-data", ".", "../../venue saved.zip"}, &said); got != 1 {
		t.Errorf("restored into the folder that one stands in: %d", got)
	}
	sentence(t, said.String(), "new folder")
}

// serves runs openmic until it says that it does.
func serves(t *testing.T) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	was := os.Stdout
	defer func() { os.Stdout = was }()
	in, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	os.Stdout = out
	ended := make(chan int, 1)
	var said bytes.Buffer
	go func() {
		ended <- run(ctx, []string{"serve", "-listen", "127.0.0.1:0"}, &said)
		out.Close()
	}()
	does := false
	for lines := bufio.NewScanner(in); lines.Scan(); {
		if strings.HasSuffix(lines.Text(), "Ctrl-C stops.") {
			does = true
			stop()
		}
	}
	in.Close()
	if code := <-ended; code != 0 || !does {
		t.Errorf("it serves: %v; exit %d: %s", does, code, &said)
	}
}
