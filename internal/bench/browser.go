package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"time"
)

// chromium is a browser that is spoken to over pipes, one command at a time.
type chromium struct {
	cmd     *exec.Cmd
	folder  string
	to      *os.File
	from    *bufio.Reader
	n       int
	session string
}

// openChromium starts the browser with one empty tab; nil when there is none on this machine.
func openChromium(ctx context.Context) (*chromium, error) {
	path, err := exec.LookPath("chromium")
	if err != nil {
		return nil, nil
	}
	folder, err := os.MkdirTemp("", "openmic-bench-browser-")
	if err != nil {
		return nil, err
	}
	hear, to, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	from, say, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	b := &chromium{folder: folder, to: to, from: bufio.NewReaderSize(from, 1<<20)}
	b.cmd = exec.CommandContext(ctx, path, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--user-data-dir="+folder, "--remote-debugging-pipe", "about:blank")
	b.cmd.ExtraFiles = []*os.File{hear, say}
	if err := b.cmd.Start(); err != nil {
		return nil, err
	}
	hear.Close()
	say.Close()
	var target struct{ TargetID string }
	if err := b.call("Target.createTarget", map[string]any{"url": "about:blank"}, &target); err != nil {
		b.close()
		return nil, err
	}
	var attached struct{ SessionID string }
	if err := b.call("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached); err != nil {
		b.close()
		return nil, err
	}
	b.session = attached.SessionID
	return b, nil
}

// call gives the browser a command and waits for its answer; what it tells in between is passed over.
func (b *chromium) call(method string, params map[string]any, into any) error {
	b.n++
	say := map[string]any{"id": b.n, "method": method, "params": params}
	if b.session != "" {
		say["sessionId"] = b.session
	}
	line, err := json.Marshal(say)
	if err != nil {
		return err
	}
	if _, err := b.to.Write(append(line, 0)); err != nil {
		return err
	}
	for {
		line, err := b.from.ReadBytes(0)
		if err != nil {
			return fmt.Errorf("%s: %w", method, err)
		}
		var answer struct {
			ID     int
			Result json.RawMessage
			Error  *struct{ Message string }
		}
		if err := json.Unmarshal(line[:len(line)-1], &answer); err != nil {
			return err
		}
		switch {
		case answer.ID != b.n:
		case answer.Error != nil:
			return fmt.Errorf("%s: %s", method, answer.Error.Message)
		case into == nil:
			return nil
		default:
			return json.Unmarshal(answer.Result, into)
		}
	}
}

// number evaluates an expression in the tab.
func (b *chromium) number(expression string) (float64, error) {
	var answer struct{ Result struct{ Value float64 } }
	err := b.call("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true}, &answer)
	return answer.Result.Value, err
}

func (b *chromium) close() {
	b.to.Close()
	b.cmd.Process.Kill()
	b.cmd.Wait()
	os.RemoveAll(b.folder)
}

// wallDOM measures from the answer to a command until the wall in a real browser shows it, while 200 others watch too.
func wallDOM(ctx context.Context) ([]Figure, error) {
	b, err := openChromium(ctx)
	if b == nil {
		return nil, err // without a browser nobody can look
	}
	defer b.close()
	st, err := newStage(ctx, 60)
	if err != nil {
		return nil, err
	}
	defer st.close()
	for i := range 30 {
		if err := st.do(ctx, st.crowd[i], map[string]any{"do": "ask"}); err != nil {
			return nil, err
		}
	}
	_, shut, err := st.watchers(ctx, st.crowd, 200)
	defer shut()
	if err != nil {
		return nil, err
	}
	for _, c := range []struct {
		method string
		params map[string]any
	}{
		{"Network.enable", nil},
		{"Network.setExtraHTTPHeaders", map[string]any{"headers": map[string]string{"Authorization": "Bearer " + st.crew.Secret}}},
		{"Page.enable", nil},
		{"Page.navigate", map[string]any{"url": st.crew.Server + st.crew.Path + "wall"}},
	} {
		if err := b.call(c.method, c.params, nil); err != nil {
			return nil, err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	until := func(expression string, least float64) (float64, error) {
		for {
			switch v, err := b.number(expression); {
			case err != nil:
				return 0, err
			case v >= least:
				return v, nil
			case ctx.Err() != nil:
				return 0, fmt.Errorf("the wall shows nothing new: %w", ctx.Err())
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
	if _, err := until(`+(document.documentElement.dataset.state === 'live')`, 1); err != nil {
		return nil, err
	}
	if _, err := b.number(`shown = 0; new MutationObserver(() => { shown = performance.timeOrigin + performance.now() }).observe(document.querySelector('#live'), {attributeFilter: ['data-version']}); 0`); err != nil {
		return nil, err
	}
	var took []time.Duration
	g := st.crowd[40]
	for i := range 40 {
		time.Sleep(400 * time.Millisecond) // beyond the gap between two views
		do := map[string]any{"do": "ask"}
		if i%2 == 1 {
			do = map[string]any{"do": "withdraw", "ticket": st.hall.Session.View().Live(g.Person).ID}
		}
		pressed := time.Now()
		if err := st.do(ctx, g, do); err != nil {
			return nil, err
		}
		accepted := time.Now()
		shown, err := until("shown", float64(pressed.UnixMicro())/1000)
		if err != nil {
			return nil, err
		}
		took = append(took, max(0, time.UnixMicro(int64(shown*1000)).Sub(accepted)))
	}
	return []Figure{{"accepted to the wall's DOM, 200 watch, p50", at(took, 0.5), "ms", 20}, {"accepted to the wall's DOM, 200 watch, p95", at(took, 0.95), "ms", 80}}, nil
}
