package link

import (
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
	"time"
)

// reason is why there is no link, on one line and in the same words as long as it is the same reason: what a system says
// of a connection names the port that this try happened to have.
func reason(err error) string {
	var op *net.OpError
	var address *url.Error
	switch {
	case errors.Is(err, errSilent):
		err = errSilent
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return "no answer in time"
	case errors.As(err, &op):
		err = op.Err
		if op.Timeout() {
			return "no answer in time"
		}
		if call, ok := errors.AsType[*os.SyscallError](err); ok {
			err = call.Err
		}
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the connection broke off"
	case errors.As(err, &address):
		err = address.Err
	}
	return strings.Join(strings.Fields(err.Error()), " ")
}

// excuses are the reasons that were said of late, so that an hour's cut is no hour of lines.
type excuses struct {
	last string
	said map[string]time.Time
}

// fresh: the reason is another one than before, and was not said for a minute.
func (e *excuses) fresh(reason string, now time.Time) bool {
	was := e.last
	e.last = reason
	if said, ok := e.said[reason]; reason == was || ok && now.Sub(said) < time.Minute {
		return false
	}
	if e.said == nil || len(e.said) > 20 {
		e.said = map[string]time.Time{}
	}
	e.said[reason] = now
	return true
}

// fails says in the log what could not be done, unless it was given up because its connection had ended.
func (p *Place) fails(ctx context.Context, what string, args ...any) {
	if ctx.Err() == nil {
		p.Log.Error(what, args...)
	}
}
