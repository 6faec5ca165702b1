package postgres

import (
	"encoding/binary"
	"fmt"
	"strconv"
)

// What travels to the server and back. Arguments are text or bytes as it suits them; everything comes back in
// PostgreSQL's binary form.

// An arg is one argument of a statement.
type arg struct {
	bytes  []byte
	binary bool
}

func text(s string) arg  { return arg{bytes: []byte(s)} }
func number(n int64) arg { return arg{bytes: strconv.AppendInt(nil, n, 10)} }
func raw(b []byte) arg   { return arg{bytes: append([]byte{}, b...), binary: true} } // never NULL
func truth(b bool) arg   { return arg{bytes: strconv.AppendBool(nil, b)} }

// The types that stand in arrays, by their number in every PostgreSQL.
const (
	oidBytes  = 17
	oidNumber = 20
	oidText   = 25
)

// A list is an array of one dimension in the making.
type list struct {
	oid   uint32
	n     uint32
	items []byte
}

func (l *list) add(b []byte) {
	l.n++
	l.items = binary.BigEndian.AppendUint32(l.items, uint32(len(b)))
	l.items = append(l.items, b...)
}

func (l *list) number(n int64) { l.add(binary.BigEndian.AppendUint64(nil, uint64(n))) }

func (l *list) arg() arg {
	if l.n == 0 {
		return arg{bytes: binary.BigEndian.AppendUint32(make([]byte, 8), l.oid), binary: true}
	}
	b := []byte{0, 0, 0, 1, 0, 0, 0, 0} // one dimension, nothing is NULL
	b = binary.BigEndian.AppendUint32(b, l.oid)
	b = binary.BigEndian.AppendUint32(b, l.n)
	b = binary.BigEndian.AppendUint32(b, 1) // the first has the index 1
	return arg{bytes: append(b, l.items...), binary: true}
}

func texts(all []string) arg {
	l := list{oid: oidText}
	for _, s := range all {
		l.add([]byte(s))
	}
	return l.arg()
}

// A row is one line of an answer. A column that is NULL is nil.
type row [][]byte

func (r row) number(i int) int64 {
	if len(r[i]) != 8 {
		panic(fmt.Sprintf("column %d is no bigint: %x", i, r[i])) // our statements say which type they give
	}
	return int64(binary.BigEndian.Uint64(r[i]))
}

func (r row) truth(i int) bool  { return len(r[i]) == 1 && r[i][0] == 1 }
func (r row) text(i int) string { return string(r[i]) }
