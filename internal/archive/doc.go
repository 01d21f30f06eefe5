// Package archive keeps inboxes on disk: directories in public-inbox v2 format, which
// Bobbin and public-inbox may use at the same time. It is the only writer of mail; a
// mail is kept once it is committed to an epoch, and everything else is derived.
//
// A directory holds git/N.git (bare epochs; one commit a mail, the mail in the file m,
// or in d when the commit removes it), all.git (no objects of its own, alternates to
// every epoch, configuration that the epochs include), inbox.lock (flock around writes)
// and description. Old epochs may be missing.
//
// An [Inbox] holds no file open and is safe for concurrent use; a [Writer] holds
// inbox.lock and belongs to one goroutine.
package archive
