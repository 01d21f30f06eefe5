package web

import (
	"strconv"
	"strings"

	"bobbin/internal/catalog"
)

// mirrorText tells how to copy the inbox and keep the copy current.
func (s *Server) mirrorText(q *request) (string, error) {
	if q.inbox.IsAll() {
		return s.mirrorAllText(q)
	}
	b := q.inbox
	name, base := b.Name, q.url(inboxPath(b.Name))
	var t strings.Builder
	t.WriteString("How to mirror " + name + "\n\n")
	t.WriteString("This archive is public. The mail is kept in git repositories, called epochs, one\n" +
		"message a commit; with these you have all of it.\n\n")
	if len(b.Epochs) == 0 {
		t.WriteString("There is nothing to copy yet.\n\n")
	}
	writeClones(&t, b, base)
	t.WriteString(`With bobbin
-----------

  bobbin init
  bobbin add ` + name + ` ./` + name + `
  bobbin serve

With public-inbox
-----------------

  public-inbox-init -V2 `)
	if b.Newsgroup != "" {
		t.WriteString("--ng " + shellWord(b.Newsgroup) + " ")
	}
	t.WriteString("\\\n    " + name + " ./" + name + " \\\n    " + shellWord(base) + " \\\n    " + shellWord(primaryAddress(b)) + `
  public-inbox-index ./` + name + `

Or in one step, which public-inbox-fetch later repeats for what is new:

  public-inbox-clone ` + shellWord(base) + `

`)
	t.WriteString(`What programs need
------------------

  ` + base + `manifest.js.gz  the epochs, for grok-pull
  ` + q.url("/manifest.js.gz") + `  those of every inbox
  ` + base + `_/text/config/raw  example of a configuration
  ` + base + `all.mbox.gz  all mail as one file, without git
`)
	return t.String(), nil
}

// writeClones lists the commands that copy the epochs.
func writeClones(t *strings.Builder, b *catalog.Inbox, base string) {
	if len(b.Epochs) == 0 {
		return
	}
	for i, e := range b.Epochs {
		n := strconv.Itoa(e.N)
		t.WriteString("  git clone --mirror " + shellWord(base+n) + " \\\n    " + b.Name + "/git/" + n + ".git")
		switch {
		case len(b.Epochs) == 1:
		case i == 0:
			t.WriteString("  # oldest")
		case i == len(b.Epochs)-1:
			t.WriteString("  # newest")
		}
		t.WriteByte('\n')
	}
	last := strconv.Itoa(b.Epochs[len(b.Epochs)-1].N)
	t.WriteString("\nNew mail comes into the newest epoch only")
	if len(b.Epochs) > 1 {
		t.WriteString("; older ones may be left out")
	}
	t.WriteString(". To catch up:\n\n  git --git-dir=" + b.Name + "/git/" + last + ".git fetch\n\n")
}

// mirrorAllText leads to the inboxes that together are all of them.
func (s *Server) mirrorAllText(q *request) (string, error) {
	boxes, err := s.cat.Inboxes(q.Context())
	if err != nil {
		return "", err
	}
	var t strings.Builder
	t.WriteString("How to mirror all inboxes\n\n" +
		"What is shown here together is kept in the inboxes one by one. Each tells how to\ncopy it:\n\n")
	for i := range boxes {
		t.WriteString("  " + q.url(inboxPath(boxes[i].Name)) + "_/text/mirror/  " + description(&boxes[i]) + "\n")
	}
	t.WriteString("\nThe repositories of all of them are listed for grok-pull and public-inbox-clone\nin " +
		q.url("/manifest.js.gz") + "\n")
	return t.String(), nil
}

// configText gives the inbox as a section of public-inbox's configuration, to be
// completed by whoever runs a mirror.
func configText(q *request) string {
	b := q.inbox
	var t strings.Builder
	t.WriteString("; Example of a public-inbox configuration for a mirror of\n; " + q.url(inboxPath(b.Name)) + "\n")
	section, dir := "publicinbox", "inboxdir"
	if b.IsAll() {
		section, dir = "extindex", "topdir"
	}
	t.WriteString("[" + section + " \"" + b.Name + "\"]\n\t" + dir + " = /path/to/top-level-inbox\n")
	if !b.IsAll() {
		t.WriteString("\t; before 1.2.0, public-inbox called it mainrepo\n\tmainrepo = /path/to/top-level-inbox\n")
	}
	t.WriteString("\turl = https://example.com/" + escape(b.Name) + "/\n")
	for _, f := range []struct {
		key    string
		values []string
	}{{"address", b.Addresses}, {"listid", b.ListIDs}, {"infourl", b.InfoURLs}, {"newsgroup", []string{b.Newsgroup}}} {
		for _, v := range f.values {
			if v != "" {
				t.WriteString("\t" + f.key + " = " + gitConfigValue(v) + "\n")
			}
		}
	}
	return t.String()
}

// gitConfigValue writes a value as git-config(1) reads it back.
func gitConfigValue(v string) string {
	if strings.Trim(v, " ") == v && !strings.ContainsAny(v, "\"\\;#\n\t\r\x00") {
		return v
	}
	v = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`, "\r", " ", "\x00", "").Replace(v)
	return `"` + v + `"`
}

// primaryAddress gives the list's address, or a placeholder.
func primaryAddress(b *catalog.Inbox) string {
	if len(b.Addresses) == 0 {
		return b.Name + "@example.com"
	}
	return b.Addresses[0]
}

// shellWord quotes s for a shell where it has to be.
func shellWord(s string) string {
	for i := 0; i < len(s); i++ {
		if c := s[i]; !isNameByte(c) && strings.IndexByte("/:@%+=,", c) < 0 {
			return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
		}
	}
	return s
}
