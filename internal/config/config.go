// Package config reads bobbin.toml, the one configuration file of a data directory.
//
// The file is optional and strict: a key that Bobbin does not know is an error that
// names the key and its line, so that a misspelt setting is never silently ignored.
// Every key is described once, in keys.go; the annotated example that `bobbin init`
// writes and the tables of doc/configuration.md are made from that description.
//
// The package reads and writes the file and nothing else: it does not look for
// inboxes on disk and opens no archive.
package config

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"

	"bobbin/internal/errs"
)

// FileName is the name of the file in the data directory.
const FileName = "bobbin.toml"

// The values of keys that the file leaves out.
const (
	DefaultHTTP     = "127.0.0.1:8025"
	DefaultCacheMiB = 48
)

// reserved are the names that mean something else in a URL.
var reserved = []string{"all"}

// maxFile bounds what Load reads; a real file has a few kilobytes.
const maxFile = 8 << 20

// Config is the whole file, with defaults filled in.
type Config struct {
	HTTP      string           `toml:"http"`       // host:port to serve HTTP on
	DebugHTTP string           `toml:"debug_http"` // loopback host:port for profiles; "" = none
	CacheMiB  int              `toml:"cache_mib"`  // memory for the catalog's caches, MiB
	Log       string           `toml:"log"`        // error, warn, info or debug
	Proxy     bool             `toml:"proxy"`      // a web server in front sets X-Forwarded-Proto
	Inbox     map[string]Inbox `toml:"inbox"`      // by name
}

// Inbox is one [inbox.NAME] table. All keys are optional.
type Inbox struct {
	Dir         string   `toml:"dir"`         // v2 directory; Load makes it absolute; "" = DIR/inbox/NAME
	Description string   `toml:"description"` // one line; "" = what the archive says
	Address     []string `toml:"address"`     // posting addresses, primary first
	ListID      []string `toml:"listid"`      // List-Id values, without brackets
	URL         []string `toml:"url"`         // where the archive is public
	InfoURL     []string `toml:"infourl"`     // pages about the list
	Newsgroup   string   `toml:"newsgroup"`   // name for news readers
	Hide        bool     `toml:"hide"`        // not listed on the front page
}

// Default gives the configuration of a directory without a file.
func Default() *Config {
	return &Config{HTTP: DefaultHTTP, CacheMiB: DefaultCacheMiB, Log: "info", Inbox: map[string]Inbox{}}
}

// Load reads the file of data directory dir. An absent file gives Default; a file that
// is no TOML, has an unknown key or a value out of range gives an errs.Invalid that
// names file and line.
func Load(dir string) (_ *Config, err error) {
	path := filepath.Join(dir, FileName)
	text, err := readFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Default(), nil
	}
	if err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	c, err := parse(text)
	if err != nil {
		return nil, &errs.Error{Kind: errs.Invalid, Hint: errs.HintOf(err), Err: fmt.Errorf("configuration: %s%w", path, err)}
	}
	for name, ib := range c.Inbox {
		if ib.Dir != "" && !filepath.IsAbs(ib.Dir) {
			ib.Dir = filepath.Join(dir, ib.Dir)
			c.Inbox[name] = ib
		}
	}
	return c, nil
}

func readFile(path string) (string, error) {
	fi, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if !fi.Mode().IsRegular() || fi.Size() > maxFile {
		return "", errs.New(errs.Invalid, "%s: not a file of at most %d MiB", path, maxFile>>20)
	}
	b, err := os.ReadFile(path)
	return string(b), err
}

// parse reads text into a Config. Its errors begin with ":LINE: " or ": ", to follow
// the name of the file.
func parse(text string) (*Config, error) {
	c := Default()
	md, err := toml.Decode(text, c)
	if err != nil {
		return nil, tomlError(text, err)
	}
	if unknown := md.Undecoded(); len(unknown) > 0 {
		key := unknown[0]
		return nil, errs.WithHint(errs.Invalid, hintFor(key), "%sunknown key %q", at(text, key), key.String())
	}
	if key, why := c.check(); why != "" {
		return nil, fmt.Errorf("%s%s: %s", at(text, key), key, why)
	}
	return c, nil
}

// check finds the first value, by key, that makes no sense.
func (c *Config) check() (toml.Key, string) {
	if _, _, err := net.SplitHostPort(c.HTTP); err != nil {
		return toml.Key{"http"}, fmt.Sprintf("%q is not host:port", c.HTTP)
	}
	if c.DebugHTTP != "" && !IsLoopback(c.DebugHTTP) {
		return toml.Key{"debug_http"}, fmt.Sprintf("%q is not a loopback host:port", c.DebugHTTP)
	}
	if c.CacheMiB < 1 || c.CacheMiB > 1<<20 {
		return toml.Key{"cache_mib"}, fmt.Sprintf("%d is not between 1 and %d", c.CacheMiB, 1<<20)
	}
	if !slices.Contains(logLevels, c.Log) {
		return toml.Key{"log"}, fmt.Sprintf("%q is none of %s", c.Log, strings.Join(logLevels, ", "))
	}
	for _, name := range slices.Sorted(maps.Keys(c.Inbox)) {
		if err := ValidName(name); err != nil {
			return toml.Key{"inbox", name}, err.Error()
		}
		if key, why := c.Inbox[name].check(); why != "" {
			return toml.Key{"inbox", name, key}, why
		}
	}
	return nil, ""
}

// check finds the first value of an inbox that cannot stand on one line of a header.
func (ib Inbox) check() (key, why string) {
	for _, a := range ib.Address {
		if !strings.Contains(a, "@") || hasControl(a) {
			return "address", fmt.Sprintf("%q is not a mail address", a)
		}
	}
	one := map[string][]string{"description": {ib.Description}, "listid": ib.ListID, "url": ib.URL,
		"infourl": ib.InfoURL, "newsgroup": {ib.Newsgroup}, "dir": {ib.Dir}}
	for _, key := range slices.Sorted(maps.Keys(one)) {
		if slices.ContainsFunc(one[key], hasControl) {
			return key, "has a control character or line break"
		}
	}
	return "", ""
}

// logLevels are the values of the key log, most silent first.
var logLevels = []string{"error", "warn", "info", "debug"}

// namePattern is public-inbox's, so that every name works there too.
var namePattern = regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9_.+-]*$`)

// ValidName tells whether name can name an inbox; the error is errs.Invalid.
func ValidName(name string) error {
	const hint = "letters, digits, - _ . and +, as in linux-serial"
	switch {
	case len(name) > 200:
		return errs.WithHint(errs.Invalid, hint, "the name of an inbox has at most 200 characters")
	case slices.Contains(reserved, name):
		return errs.WithHint(errs.Invalid, "it stands for all inboxes together; choose another", "the name %q is reserved", name)
	case !namePattern.MatchString(name) || strings.HasPrefix(name, "-"):
		return errs.WithHint(errs.Invalid, hint, "%q cannot name an inbox", name)
	}
	return nil
}

// IsLoopback reports whether addr is a host:port that only this machine can reach.
func IsLoopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// refuse fails to decode, which makes the TOML library tell where.
type refuse struct{}

// UnmarshalTOML never succeeds.
func (*refuse) UnmarshalTOML(any) error { return errors.New("here") }

// at gives ":LINE: " for a key that is in text, or ": " when it cannot be told. The
// library keeps positions to itself except in errors, so a type is made in which just
// this key is an error.
func at(text string, key toml.Key) string {
	typ := reflect.TypeFor[refuse]()
	for _, name := range slices.Backward(key) {
		typ = reflect.StructOf([]reflect.StructField{{Name: "K", Type: typ, Tag: reflect.StructTag("toml:" + strconv.Quote(name))}})
	}
	var pe toml.ParseError
	if _, err := toml.Decode(text, reflect.New(typ).Interface()); errors.As(err, &pe) && pe.Position.Line > 0 {
		return fmt.Sprintf(":%d: ", pe.Position.Line)
	}
	return ": "
}

// mistyped is what the library says of a value that does not fit its field.
var mistyped = regexp.MustCompile(`^toml: line (\d+) \(last key "(.*?)"\): (.*)$`)

// tomlError puts an error of the library on one line that begins as parse's do.
func tomlError(text string, err error) error {
	const hint = "doc/configuration.md lists the keys and their types"
	var pe toml.ParseError
	if errors.As(err, &pe) {
		// Position.Line is the next one when the fault is the end of a line.
		line := 1 + strings.Count(text[:min(pe.Position.Start, len(text))], "\n")
		return errs.New(errs.Invalid, ":%d: %s", line, oneLine(pe.Message))
	}
	if m := mistyped.FindStringSubmatch(oneLine(err.Error())); m != nil {
		return errs.WithHint(errs.Invalid, hint, ":%s: %s: %s", m[1], m[2], m[3])
	}
	return errs.WithHint(errs.Invalid, hint, ": %s", oneLine(err.Error()))
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func hasControl(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
}
