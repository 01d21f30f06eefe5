// Package errs holds the kinds of error that Bobbin's packages agree on.
//
// An error carries an operation, a subject and a kind. The kind decides what a
// protocol answers (one table a protocol: HTTP status, exit code …); the text is
// for people and never decides anything. Errors without a kind are Internal.
package errs

import (
	"errors"
	"fmt"
)

// Kind classifies an error for whoever has to answer for it.
type Kind uint8

// The kinds. Internal is the zero value: a fault of ours or of the machine.
const (
	Internal Kind = iota
	NotFound      // the thing asked for is not there
	Exists        // it is there already, and that is in the way
	Invalid       // what the user gave makes no sense
	Busy          // someone else holds it; trying again later may work
	Corrupt       // data on disk is not what it should be
)

var kindNames = [...]string{"internal error", "not found", "exists", "invalid", "busy", "corrupt"}

// String gives the kind's name in lower case.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "unknown kind"
}

// Error is an error with a kind and, for people, a hint at what to do.
type Error struct {
	Kind Kind
	Hint string // what to do about it; may be empty
	Err  error
}

// Error gives the message without the hint.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap gives the error inside.
func (e *Error) Unwrap() error { return e.Err }

// New makes an error of kind k. The format takes %w.
func New(k Kind, format string, args ...any) error {
	return &Error{Kind: k, Err: fmt.Errorf(format, args...)}
}

// WithHint makes an error of kind k that also tells what to do.
func WithHint(k Kind, hint, format string, args ...any) error {
	return &Error{Kind: k, Hint: hint, Err: fmt.Errorf(format, args...)}
}

// Wrap prefixes *err with the operation and its subject when *err is not nil.
// It is meant for defer and keeps the kind.
func Wrap(err *error, format string, args ...any) {
	if *err != nil {
		*err = fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), *err)
	}
}

// KindOf gives the kind of the outermost Error in err's chain.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// HintOf gives the first hint in err's chain, or "".
func HintOf(err error) string {
	for err != nil {
		var e *Error
		if !errors.As(err, &e) {
			return ""
		}
		if e.Hint != "" {
			return e.Hint
		}
		err = e.Err
	}
	return ""
}

// Is reports whether err is of kind k.
func Is(err error, k Kind) bool { return err != nil && KindOf(err) == k }
