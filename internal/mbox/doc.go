// Package mbox reads mail from the containers it is kept and carried in (mbox files of
// any dialect, Maildirs, both behind gzip or zstd) and writes mboxrd, the one dialect
// that can be read back without loss.
//
// Reading streams: one message is in memory at a time, at most MaxMessage bytes of it.
// What is damaged is reported with the byte where it was seen, and what could be read
// up to there is delivered. The package does not judge or parse messages beyond what
// finding their boundaries takes.
package mbox
