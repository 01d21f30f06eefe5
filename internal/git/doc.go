// Package git is Bobbin's plumbing: it reads blobs and history out of bare
// repositories fast and appends commits to them. It is the only package that runs
// the git program, which must be 2.34 or newer.
//
// What must be quick is read without git: refs (they are polled) and, where the
// objects lie in the usual kinds of packs, blobs. Everything unusual goes through
// git, so that whatever git can read can be read here.
//
// A [Repo] and a [Pool] are safe for concurrent use. Nothing here holds a lock on a
// repository: whoever writes has to see to it that nobody else does (package archive
// uses inbox.lock).
//
// Errors: NotFound for objects and directories that are not there, Invalid for
// arguments and for a machine without git, Corrupt for repositories whose objects
// cannot be read. What git itself said is cut to one line.
package git
