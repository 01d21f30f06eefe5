// Package interop holds no code, only the tests that put Bobbin beside the programs it
// has to get along with: public-inbox serving the same directory, and b4 as a client of
// both. They need those Debian packages and the real mail beside the repository, and
// skip without them.
//
// Every difference that a test accepts has its line in doc/compat.md.
package interop
