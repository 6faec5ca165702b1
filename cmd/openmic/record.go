package main

import (
	"context"
	"io"
)

var recordCommand = command{name: "record", use: "[-data FOLDER] [-journal URL] [-archive] SESSION FILE", about: "writes the sealed record of a session, public or with every word that was not erased", run: writeRecord}

func writeRecord(ctx context.Context, args []string) error {
	f := flags("record")
	archive := f.Bool("archive", false, "every word that was not erased, instead of those that people consented to")
	x, err := folder(ctx, f, args, 2, 2)
	if err != nil {
		return err
	}
	defer x.Close()
	return toFile(f.Arg(1), func(w io.Writer) error { return x.Record(ctx, f.Arg(0), *archive, w) })
}
