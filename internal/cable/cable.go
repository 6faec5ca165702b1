// Package cable is a way between two programs that can be cut: a TCP relay on loopback for tests and for the
// demonstration of a cut. It changes no byte; it only stops carrying them, slowly or at once, both ways or one.
//
// Goroutines: "listener", one a cable, ends with Close; two "carriers" a connection, end with it.
package cable

import (
	"net"
	"sync"
	"time"
)

// A Way is how the cable behaves now.
type Way struct {
	Cut   bool          // nothing passes and nothing new connects, as when a router is off
	Up    bool          // with Cut: only what the dialling side sends is lost
	Down  bool          // with Cut: only what the answering side sends is lost
	Delay time.Duration // added to each piece, each way
}

// A Cable carries connections from its own address to another.
type Cable struct {
	to   string
	l    net.Listener
	done sync.WaitGroup

	mu     sync.Mutex // guards the rest
	way    Way
	turned *sync.Cond
	conns  map[net.Conn]bool
	closed bool
}

// Lay begins to carry from an address (127.0.0.1:0 for any port) to another.
func Lay(from, to string) (*Cable, error) {
	l, err := net.Listen("tcp", from)
	if err != nil {
		return nil, err
	}
	c := &Cable{to: to, l: l, conns: map[net.Conn]bool{}}
	c.turned = sync.NewCond(&c.mu)
	c.done.Add(1)
	go c.listen()
	return c, nil
}

// Addr is where the cable begins, host:port.
func (c *Cable) Addr() string { return c.l.Addr().String() }

// Turn changes how the cable behaves. A cut tears nothing down: as with a real one, both ends hear just silence. When it
// heals, connections from before are gone.
func (c *Cable) Turn(w Way) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.way.Cut && !w.Cut {
		for conn := range c.conns {
			conn.Close()
		}
	}
	c.way = w
	c.turned.Broadcast()
}

// Close ends the cable and every connection on it.
func (c *Cable) Close() {
	c.mu.Lock()
	c.closed = true
	for conn := range c.conns {
		conn.Close()
	}
	c.turned.Broadcast()
	c.mu.Unlock()
	c.l.Close()
	c.done.Wait()
}

func (c *Cable) listen() {
	defer c.done.Done()
	for {
		near, err := c.l.Accept()
		if err != nil {
			return
		}
		c.done.Add(1)
		go func() {
			defer c.done.Done()
			c.carry(near)
		}()
	}
}

// carry holds one connection; while the cable is cut it does not reach the other end.
func (c *Cable) carry(near net.Conn) {
	if !c.keep(near) {
		return
	}
	defer c.drop(near)
	if !c.pass(func(w Way) bool { return w.Cut && !w.Up && !w.Down }) {
		return
	}
	far, err := net.Dial("tcp", c.to)
	if err != nil || !c.keep(far) {
		return
	}
	defer c.drop(far)
	var both sync.WaitGroup
	both.Add(1)
	go func() {
		defer both.Done()
		c.relay(near, far, func(w Way) bool { return w.Cut && !w.Down })
	}()
	c.relay(far, near, func(w Way) bool { return w.Cut && !w.Up })
	both.Wait()
}

// relay carries one way until either end closes. While it is stopped, what comes is lost with the connection.
func (c *Cable) relay(from, to net.Conn, stopped func(Way) bool) {
	defer from.Close()
	defer to.Close()
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			if !c.pass(stopped) {
				return
			}
			c.mu.Lock()
			delay := c.way.Delay
			c.mu.Unlock()
			time.Sleep(delay)
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// pass waits while the cable is stopped; false when it is closed.
func (c *Cable) pass(stopped func(Way) bool) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for stopped(c.way) && !c.closed {
		c.turned.Wait()
	}
	return !c.closed
}

func (c *Cable) keep(conn net.Conn) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		conn.Close()
		return false
	}
	c.conns[conn] = true
	return true
}

func (c *Cable) drop(conn net.Conn) {
	conn.Close()
	c.mu.Lock()
	delete(c.conns, conn)
	c.mu.Unlock()
}
