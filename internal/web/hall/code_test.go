package hall_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"openmic/floor"
	"openmic/internal/web/hall"
	"openmic/internal/web/hall/halltest"
)

func anyone(*hall.Pass) error { return nil }

// moderated is a session on a disk, with one moderator.
func moderated(t *testing.T) (*kept, *hall.Passes, hall.Pass, string) {
	t.Helper()
	disk := &kept{all: map[string]hall.Pass{}}
	p := load(t, disk)
	ana, secret, err := p.Give(t.Context(), hall.Pass{Roles: floor.Desk, Label: "Ana"})
	if err != nil {
		t.Fatal(err)
	}
	return disk, p, ana, secret
}

func coded(t *testing.T, p *hall.Passes, id string, now time.Time) string {
	t.Helper()
	code, _, err := p.Code(t.Context(), id, now)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// A code opens another pass of the same person, once, also after a restart, however it is typed; the disk knows only its
// hash.
func TestACodeOpensOnce(t *testing.T) {
	disk, p, ana, secret := moderated(t)
	now := halltest.Start
	code := coded(t, p, ana.ID, now)
	for _, x := range disk.all {
		if strings.Contains(fmt.Sprint(x), code) || strings.Contains(fmt.Sprint(x), strings.ReplaceAll(code, "-", "")) {
			t.Error("the code is kept")
		}
	}
	if len(p.List(floor.Anybody)) != 1 {
		t.Error("a code is listed like a pass")
	}
	p = load(t, disk)
	wide := strings.Map(func(r rune) rune { return r - '!' + '！' }, strings.ToUpper(strings.ReplaceAll(code, "-", "")))
	got, fresh, err := p.Redeem(t.Context(), " "+wide, now, anyone)
	if err != nil || got.Person != ana.Person || got.Roles != ana.Roles || got.Label != "Ana" || got.ID == ana.ID {
		t.Fatalf("%+v %v", got, err)
	}
	if x, err := p.Check(fresh); err != nil || x.ID != got.ID {
		t.Error("what the code gave opens nothing", err)
	}
	if _, err := p.Check(secret); err != nil {
		t.Error("the link stopped working")
	}
	for range 2 {
		if _, _, err := p.Redeem(t.Context(), code, now, anyone); !errors.Is(err, hall.ErrNoPass) {
			t.Error("used twice", err)
		}
		p = load(t, disk)
	}
}

func TestACodeThatIsNoLongerGood(t *testing.T) {
	_, p, ana, _ := moderated(t)
	now := halltest.Start
	refused := func(why, code string, at time.Time) {
		t.Helper()
		if _, _, err := p.Redeem(t.Context(), code, at, anyone); !errors.Is(err, hall.ErrNoPass) {
			t.Errorf("%s: %v", why, err)
		}
	}
	first := coded(t, p, ana.ID, now)
	refused("over", first, now.Add(15*time.Minute))
	second := coded(t, p, ana.ID, now)
	refused("replaced", first, now)
	other, err := hall.LoadPasses(t.Context(), &kept{all: map[string]hall.Pass{}}, "other", fewNames())
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := other.Redeem(t.Context(), second, now, anyone); !errors.Is(err, hall.ErrNoPass) {
		t.Error("it opens another session", err)
	}
	plain := errors.New("not over this connection")
	if _, _, err := p.Redeem(t.Context(), second, now, func(x *hall.Pass) error {
		if x.ID != ana.ID {
			t.Error("shown", x.ID)
		}
		return plain
	}); !errors.Is(err, plain) {
		t.Error(err)
	}
	if err := p.Revoke(t.Context(), ana.ID); err != nil {
		t.Fatal(err)
	}
	refused("of a revoked pass", second, now)
	if _, _, err := p.Code(t.Context(), ana.ID, now); !errors.Is(err, hall.ErrNoPass) {
		t.Error("a revoked pass gets a code", err)
	}
	if _, _, err := p.Code(t.Context(), "nobody", now); !errors.Is(err, hall.ErrNoPass) {
		t.Error("nobody gets a code", err)
	}
}

// Of many who type the same code at once, one comes in.
func TestACodeTypedByManyAtOnce(t *testing.T) {
	_, p, ana, _ := moderated(t)
	code := coded(t, p, ana.ID, halltest.Start)
	var in sync.WaitGroup
	opened := make(chan string, 50)
	for range cap(opened) {
		in.Go(func() {
			if x, _, err := p.Redeem(context.Background(), code, halltest.Start, anyone); err == nil {
				opened <- x.ID
			}
		})
	}
	in.Wait()
	if len(opened) != 1 {
		t.Errorf("%d came in", len(opened))
	}
}

// The same code typed at many programs of one site at once opens at one of them.
func TestACodeTypedAtManyPrograms(t *testing.T) {
	disk, p, ana, _ := moderated(t)
	for range 20 {
		code := coded(t, p, ana.ID, halltest.Start)
		var in sync.WaitGroup
		opened := make(chan string, 10)
		for range cap(opened) {
			other := load(t, disk)
			in.Go(func() {
				x, _, err := other.Redeem(context.Background(), code, halltest.Start, anyone)
				if err == nil {
					opened <- x.ID
				} else if !errors.Is(err, hall.ErrNoPass) {
					t.Error(err)
				}
			})
		}
		in.Wait()
		if len(opened) != 1 {
			t.Fatalf("it opened at %d programs", len(opened))
		}
	}
}

// Ten thousand guesses: after two hundred in a moment no code is looked at any more. A link opens all the while, and a
// code again soon after.
func TestTenThousandGuesses(t *testing.T) {
	_, p, ana, secret := moderated(t)
	now := halltest.Start
	code := coded(t, p, ana.ID, now)
	wrong, slowed := 0, 0
	for i := range 10_000 {
		switch _, _, err := p.Redeem(t.Context(), fmt.Sprintf("%08d", i), now, anyone); {
		case errors.Is(err, hall.ErrNoPass):
			wrong++
		case errors.Is(err, hall.ErrTooFast):
			slowed++
		default:
			t.Fatal(i, err)
		}
	}
	if wrong > 200 || wrong+slowed != 10_000 {
		t.Errorf("%d guesses were looked at, %d slowed down", wrong, slowed)
	}
	if _, _, err := p.Redeem(t.Context(), code, now, anyone); !errors.Is(err, hall.ErrTooFast) {
		t.Error("during a flood a code is looked at", err)
	}
	if _, err := p.Check(secret); err != nil {
		t.Error("a flood of guesses locks a link out", err)
	}
	if _, _, err := p.Redeem(t.Context(), code, now.Add(time.Second), anyone); err != nil {
		t.Error("after the flood the code opens nothing", err)
	}
}

// What the disk does not take changes nothing: no code without being kept, and none spent in vain.
func TestACodeOnAFullDisk(t *testing.T) {
	disk, p, ana, _ := moderated(t)
	now := halltest.Start
	code := coded(t, p, ana.ID, now)
	disk.refuse = errors.New("disk full")
	if _, _, err := p.Code(t.Context(), ana.ID, now); !errors.Is(err, disk.refuse) {
		t.Error(err)
	}
	if _, _, err := p.Redeem(t.Context(), code, now, anyone); !errors.Is(err, disk.refuse) {
		t.Error(err)
	}
	disk.refuse = nil
	if _, _, err := p.Redeem(t.Context(), code, now, anyone); err != nil {
		t.Error("the code was spent in vain", err)
	}
}
