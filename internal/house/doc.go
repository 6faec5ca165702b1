// Package house holds the tests about the repository itself.
//
// They read the sources as files and never call the go command, so a cached pass is never a
// stale pass: the test cache sees every file and folder that was looked at. Each check is one
// function from a tree of files to a list of complaints. It is run twice: over this repository,
// where it must find nothing, and over a few wrong lines held in memory, where it must speak.
//
// Always true when these tests pass:
//
//	who imports whom   arrows go down only; the rules know no clock, no chance, no goroutine
//	introductions      every package says what it is for, in two sentences or more
//	the seed           every cited sentence exists; what nobody cites yet is listed in the log
//	the map            every path and every make target that the documents name leads somewhere
//	names              no type, function or file is called by one of the words that mean nothing
//	strangers          no file knows the machine it was written on
//	size               a long file is long on purpose, and says why
//
// It leaves to the packages what they promise about themselves.
package house
