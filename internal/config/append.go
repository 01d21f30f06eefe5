package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"bobbin/internal/errs"
)

// AppendInbox adds the table [inbox.NAME] to the end of dir's file and leaves all the
// rest of it, comments too, as it is; an absent file is made. The file is replaced in
// one step, so that a reader sees the old one or the new one. errs.Exists when the
// file has the inbox, errs.Invalid when the result would not load.
func AppendInbox(dir, name string, ib Inbox) (err error) {
	path := filepath.Join(dir, FileName)
	defer errs.Wrap(&err, "configuration: %s", path)
	if err := ValidName(name); err != nil {
		return err
	}
	old, err := readFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	c, err := parse(old)
	if err != nil {
		return &errs.Error{Kind: errs.Invalid, Hint: errs.HintOf(err), Err: fmt.Errorf("the file must be right first%w", err)}
	}
	if _, ok := c.Inbox[name]; ok {
		return errs.WithHint(errs.Exists, "edit the table instead", "it has [inbox.%s] already", name)
	}
	text := []byte(old)
	if len(text) > 0 {
		text = append(bytes.TrimRight(text, "\n"), "\n\n"...)
	}
	text = append(text, table(name, ib)...)
	if _, err := parse(string(text)); err != nil {
		return errs.New(errs.Invalid, "the new table would not load%w", err)
	}
	return replaceFile(path, text)
}

// table writes an inbox as TOML, leaving out what is empty.
func table(name string, ib Inbox) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "[inbox.%s]\n", quoteKey(name))
	text := func(key, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%s = %s\n", key, quote(value))
		}
	}
	list := func(key string, values []string) {
		if len(values) == 0 {
			return
		}
		quoted := make([]string, len(values))
		for i, v := range values {
			quoted[i] = quote(v)
		}
		fmt.Fprintf(&b, "%s = [%s]\n", key, strings.Join(quoted, ", "))
	}
	text("dir", ib.Dir)
	text("description", ib.Description)
	list("address", ib.Address)
	list("listid", ib.ListID)
	list("url", ib.URL)
	list("infourl", ib.InfoURL)
	text("newsgroup", ib.Newsgroup)
	if ib.Hide {
		b.WriteString("hide = true\n")
	}
	return b.Bytes()
}

// quoteKey quotes a name with a dot or plus, which TOML would read otherwise.
func quoteKey(name string) string {
	if strings.ContainsAny(name, ".+") {
		return quote(name)
	}
	return name
}

// quote makes a TOML basic string. Bytes that are no UTF-8 cannot be in one.
func quote(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\u%04s`, strings.ToUpper(strconv.FormatInt(int64(r), 16)))
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// replaceFile writes a new file beside path and moves it there.
func replaceFile(path string, text []byte) error {
	mode := fs.FileMode(0o644)
	if fi, err := os.Stat(path); err == nil {
		mode = fi.Mode().Perm()
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+FileName+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // nothing to remove when all went well
	_, err = f.Write(text)
	if err == nil {
		err = f.Chmod(mode)
	}
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
