// Package mail reads Internet messages (RFC 5322) and their MIME structure
// (RFC 2045–2049, 2231, 3676) the way an archive has to: whatever the bytes are,
// there is a message, and what had to be repaired is listed as defects.
//
// A Message holds offsets into the bytes it was parsed from and decodes on demand:
// transfer encodings, charsets, encoded words, addresses, dates. It never writes to
// those bytes, keeps no cache, and is therefore safe for concurrent readers; the
// caller must leave the bytes alone for as long as the Message is used.
//
// Where archives have to agree with each other (Message-IDs, References, the two
// times of a message, the numbering of parts, the subject that joins threads) the
// rules are public-inbox's, found by observing it; the tests compare with what it
// made of two real archives.
//
// The package does no I/O, knows no storage and does not interpret what people wrote
// in a message: diffs and trailers are the business of other packages.
//
// Bounds: work and memory grow linearly with the input. At most 1000 parts are split
// off, nesting stops at 20, header lines after the first 100 KiB of a header are
// dropped, boundaries are at most 2048 bytes, Message-IDs at most 244, and a message
// carries at most 16 defects.
package mail
