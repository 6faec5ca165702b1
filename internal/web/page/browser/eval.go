package browser

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/chromedp/chromedp"
)

// answer is the result of Runtime.evaluate.
type answer struct {
	Result struct {
		Value json.RawMessage `json:"value"`
	} `json:"result"`
	Exception *struct {
		Text      string `json:"text"`
		Exception struct {
			Description string `json:"description"`
		} `json:"exception"`
	} `json:"exceptionDetails"`
}

func (tab *Tab) eval(expression string, out any) error {
	var a answer
	ctx, cancel := context.WithTimeout(tab.ctx, 3*patience)
	defer cancel()
	_, err := chromedp.Run(ctx, func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		return chromedp.Void{}, target.Call(ctx, "Runtime.evaluate", map[string]any{
			"expression": expression, "awaitPromise": true, "returnByValue": true, "userGesture": true,
		}, &a)
	})
	if err != nil {
		return err
	}
	if a.Exception != nil {
		return errors.New(a.Exception.Text + " " + a.Exception.Exception.Description)
	}
	if out == nil || len(a.Result.Value) == 0 {
		return nil
	}
	return json.Unmarshal(a.Result.Value, out)
}

// Wait waits until a JavaScript expression is true, at most for as long as given.
func (tab *Tab) Wait(atMost time.Duration, expression string) error {
	end := time.Now().Add(atMost)
	pause := 5 * time.Millisecond
	for {
		var so bool
		err := tab.eval("!!("+expression+")", &so)
		if so {
			return nil
		}
		if time.Now().After(end) {
			if err == nil {
				err = errors.New("false")
			}
			return err
		}
		time.Sleep(pause)
		pause = min(2*pause, 100*time.Millisecond)
	}
}

// quote is text as a JavaScript string.
func quote(text string) string {
	b, err := json.Marshal(text)
	if err != nil {
		panic(err) // a string always has a JSON form
	}
	return string(b)
}
