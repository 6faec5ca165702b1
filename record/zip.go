package record

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
)

// What a record may hold. More is refused before it is read.
const (
	MaxBytes   = 64 << 20 // of the file
	MaxFiles   = 5000
	MaxEntries = 50_000 // of one journal
	MaxLine    = 1 << 20
	MaxNumber  = 1<<53 - 1 // largest number that every language keeps whole
)

// A file is one text of the zip.
type file struct {
	name string
	data []byte
}

// The zip is of the plainest kind: every file stored as it is, no dates, nothing between or around the files. So its
// bytes follow from the names and texts, and there is nothing in it to hide in.
const (
	localSign   = 0x04034b50
	centralSign = 0x02014b50
	endSign     = 0x06054b50
	localSize   = 30
	centralSize = 46
	endSize     = 22
	firstDay    = 0x21 // 1 January 1980, where dates of a zip begin
)

// head is the header of a file, local or, with the place of the local one, central.
func (f file) head(central bool, at int) []byte {
	var b []byte
	sum := crc32.ChecksumIEEE(f.data)
	size := uint32(len(f.data))
	if central {
		b = binary.LittleEndian.AppendUint32(b, centralSign)
		b = binary.LittleEndian.AppendUint16(b, 20) // made by version 2.0
	} else {
		b = binary.LittleEndian.AppendUint32(b, localSign)
	}
	for _, v := range []uint16{20, 0, 0, 0, firstDay} { // needs version 2.0; flags; stored; time; date
		b = binary.LittleEndian.AppendUint16(b, v)
	}
	for _, v := range []uint32{sum, size, size} {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	b = binary.LittleEndian.AppendUint16(b, uint16(len(f.name)))
	b = binary.LittleEndian.AppendUint16(b, 0)
	if central {
		b = append(b, make([]byte, 10)...) // comment, disk, attributes
		b = binary.LittleEndian.AppendUint32(b, uint32(at))
	}
	return append(b, f.name...)
}

// pack writes a zip.
func pack(w io.Writer, files []file) error {
	var central []byte
	at := 0
	for _, f := range files {
		head := f.head(false, 0)
		if at+len(head)+len(f.data) > MaxBytes || len(files) > MaxFiles {
			return fmt.Errorf("record: more than %d files or %d MB", MaxFiles, MaxBytes>>20)
		}
		central = append(central, f.head(true, at)...)
		for _, b := range [][]byte{head, f.data} {
			if _, err := w.Write(b); err != nil {
				return err
			}
			at += len(b)
		}
	}
	end := binary.LittleEndian.AppendUint32(nil, endSign)
	end = append(end, 0, 0, 0, 0)
	end = binary.LittleEndian.AppendUint16(end, uint16(len(files)))
	end = binary.LittleEndian.AppendUint16(end, uint16(len(files)))
	end = binary.LittleEndian.AppendUint32(end, uint32(len(central)))
	end = binary.LittleEndian.AppendUint32(end, uint32(at))
	end = append(end, 0, 0)
	_, err := w.Write(append(central, end...))
	return err
}

// unpack finds the files of a zip that is exactly of the form that pack writes. The texts are not copied.
func unpack(b []byte) ([]file, *Fault) {
	if len(b) > MaxBytes {
		return nil, broken("the file", "it is larger than %d MB", MaxBytes>>20)
	}
	if len(b) < endSize || binary.LittleEndian.Uint32(b[len(b)-endSize:]) != endSign {
		return nil, broken("the file", "it does not end as a record does; it is torn, or no record")
	}
	end := b[len(b)-endSize:]
	n := int(binary.LittleEndian.Uint16(end[8:]))
	size, at := uint64(binary.LittleEndian.Uint32(end[12:])), uint64(binary.LittleEndian.Uint32(end[16:]))
	if n > MaxFiles {
		return nil, broken("the file", "it lists %d files, at most %d are read", n, MaxFiles)
	}
	if at+size+endSize != uint64(len(b)) {
		return nil, broken("the list of files", "it does not lie between the files and the end")
	}
	var files []file
	here, list := b[:at], b[at:at+size]
	from := 0
	for range n {
		if len(list) < centralSize || binary.LittleEndian.Uint32(list) != centralSign {
			return nil, broken("the list of files", "it is torn after %d files", len(files))
		}
		long, length := int(binary.LittleEndian.Uint16(list[28:])), uint64(binary.LittleEndian.Uint32(list[24:]))
		if len(list) < centralSize+long {
			return nil, broken("the list of files", "it is torn after %d files", len(files))
		}
		f := file{name: string(list[centralSize : centralSize+long])}
		if length+localSize+uint64(long) > uint64(len(here)-from) {
			return nil, broken(fmt.Sprintf("file %d, %.60q", len(files)+1, f.name), "it is longer than what is there")
		}
		start := from + localSize + long
		f.data = here[start : start+int(length)]
		if !bytes.Equal(f.head(true, from), list[:centralSize+long]) || !bytes.Equal(f.head(false, 0), here[from:start]) {
			return nil, broken(fmt.Sprintf("file %d, %.60q", len(files)+1, f.name), "its headers are not those of a record: stored, without dates, in place, with the right sum")
		}
		from, list = start+len(f.data), list[centralSize+long:]
		files = append(files, f)
	}
	if from != len(here) || len(list) > 0 {
		return nil, broken("the file", "there is something in it that it does not list")
	}
	if want := (len(files)); int(binary.LittleEndian.Uint16(end[10:])) != want || !bytes.Equal(end[4:8], make([]byte, 4)) || end[20] != 0 || end[21] != 0 {
		return nil, broken("the file", "it does not end as a record does")
	}
	return files, nil
}
