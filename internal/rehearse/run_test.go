package rehearse

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Real meetings are run again through the program; nobody is lost and every ask ends.
func TestRealMeetings(t *testing.T) {
	file := filepath.Join("..", "..", "..", "shared", "data", "open", "comments", "w3c-ccg-irc", "queue-and-chat.events.jsonl.gz")
	if _, err := os.Stat(file); err != nil {
		t.Skip("the real queue logs do not lie beside this repository; nothing was rehearsed")
	}
	meetings, err := Read(file)
	if err != nil {
		t.Fatal(err)
	}
	if len(meetings) < 10 {
		t.Fatalf("%d meetings, want at least 10", len(meetings))
	}
	check(t, meetings, 400)
}

func check(t *testing.T, meetings []Meeting, pace int) []Result {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
	defer cancel()
	list, err := Run(ctx, meetings, pace)
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	Table(&table, list)
	t.Log("\n" + table.String())
	for _, r := range list {
		if r.Lost > 0 {
			t.Errorf("%s: %d asks lost", r.Meeting, r.Lost)
		}
		ended := 0
		for _, n := range r.Ended {
			ended += n
		}
		if ended != r.Asks || r.Asks == 0 {
			t.Errorf("%s: %d asks, %d ended", r.Meeting, r.Asks, ended)
		}
	}
	return list
}

// A small invented meeting, so that the rehearsal itself is tested everywhere.
func TestSmallMeeting(t *testing.T) {
	at := func(s int) time.Time { return time.Date(2030, 1, 1, 10, 0, s, 0, time.UTC) }
	bo, question := "bo", "why three sites"
	m := Meeting{Name: "small", Events: []Event{
		{At: at(0), Nick: "ana", Event: "queue_add", Arg: &question},
		{At: at(10), Nick: "Bo_", Event: "queue_add"},
		{At: at(20), Nick: "chen", Event: "queue_add"},
		{At: at(25), Nick: "chen", Event: "queue_add"},
		{At: at(40), Nick: "chair", Event: "call", Arg: &bo},
		{At: at(70), Nick: "chen", Event: "queue_remove"},
	}}
	r := check(t, []Meeting{m}, 40)[0]
	if r.People != 3 || r.Asks != 3 || r.Again != 1 {
		t.Errorf("people %d, asks %d, again %d; want 3, 3, 1", r.People, r.Asks, r.Again)
	}
	// The rule calls ana, who was first, although the log called bo.
	if r.Ended["spoken"] != 1 || r.Ended["withdrawn"] != 1 || r.Ended["not-reached"] != 1 {
		t.Errorf("ended %v", r.Ended)
	}
}
