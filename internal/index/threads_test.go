package index

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"bobbin/internal/store"

	"github.com/google/go-cmp/cmp"
)

// withID adds a further Message-ID to a mail.
func withID(mail, id string) string { return "Message-ID: <" + id + ">\n" + mail }

// An id ties mails together as long as any mail ever did: a second Message-ID, a mail that
// was removed since, an id that only another inbox's copy carries.
func TestThreadsThroughOtherIDs(t *testing.T) {
	removed := mailText("gone@x", "s", 3, "b", "ghost@x")
	big := adds(mailText("big1@x", "s", 20, "b"), mailText("big2@x", "s", 21, "b", "big1@x"), mailText("big3@x", "s", 22, "b", "big1@x"))
	bridge := func(to string) entry { return entry{"m", mailText("bridge@x", "s", 30, "b", "big1@x", to)} }
	for _, tt := range []struct {
		name    string
		entries []entry
		want    []string
	}{
		{"second Message-ID", []entry{
			{"m", withID(mailText("two@x", "s", 1, "b"), "first@x")},
			bridge("first@x"),
			{"m", mailText("re@x", "s", 40, "b", "two@x")},
		}, []string{"big1@x big2@x big3@x bridge@x first@x re@x"}},
		{"removed mail", []entry{
			{"m", removed},
			{"m", mailText("stays@x", "s", 4, "b", "gone@x")},
			{"d", removed},
			bridge("stays@x"),
			{"m", mailText("re@x", "s", 40, "b", "ghost@x")},
		}, []string{"big1@x big2@x big3@x bridge@x re@x stays@x"}},
		{"nothing but a removed mail", []entry{
			{"m", removed},
			{"d", removed},
			bridge("gone@x"),
			{"m", mailText("re@x", "s", 40, "b", "ghost@x")},
		}, []string{"big1@x big2@x big3@x bridge@x re@x"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inbox, dir := t.TempDir(), t.TempDir()
			appendEpoch(t, inbox, append(big[:3:3], tt.entries...))
			runIndex(t, dir, inbox, Options{})
			if d := cmp.Diff(tt.want, partition(t, dir)); d != "" {
				t.Error(d)
			}
		})
	}
}

// copies indexes the same mail in two inboxes, b's with a second Message-ID.
func copies(t *testing.T) (a, b, dir string, mails [2]string) {
	t.Helper()
	a, b, dir = t.TempDir(), t.TempDir(), t.TempDir()
	m := mailText("both@x", "posted twice", 1, "same words")
	mails = [2]string{"Received: by a; Mon, 5 Jan 2026 11:00:00 +0000\n" + m, withID(m, "further@x")}
	appendEpoch(t, a, adds(mails[0]))
	appendEpoch(t, b, adds(mails[1]))
	_, err := Run(t.Context(), dir, []Source{{"a", a}, {"b", b}}, Options{})
	must(t, err)
	return a, b, dir, mails
}

func TestCopyWithFurtherID(t *testing.T) {
	_, _, dir, _ := copies(t)
	db, err := store.Open(t.Context(), dir)
	must(t, err)
	defer db.Close()
	for _, id := range []string{"both@x", "further@x"} {
		key, _, _, err := db.Mid(t.Context(), id)
		must(t, err)
		ids, err := db.Carriers(t.Context(), key)
		must(t, err)
		if len(ids) != 1 {
			t.Errorf("%s: carried by %v", id, ids)
		}
	}
}

// When the copy that was indexed first goes, the message is that of the other inbox.
func TestFirstCopyRemoved(t *testing.T) {
	a, _, dir, mails := copies(t)
	appendEpoch(t, a, []entry{{"d", mails[0]}})
	runIndexOf(t, dir, "a", a)
	db, err := store.Open(t.Context(), dir)
	must(t, err)
	defer db.Close()
	key, _, _, err := db.Mid(t.Context(), "both@x")
	must(t, err)
	ids, err := db.Carriers(t.Context(), key)
	must(t, err)
	if len(ids) != 1 {
		t.Fatalf("carried by %v", ids)
	}
	row, _, err := db.Message(t.Context(), ids[0])
	must(t, err)
	left, err := db.Copies(t.Context(), store.AnyInbox, ids[0])
	must(t, err)
	if len(left) != 1 || row.Blob != left[0].Blob {
		t.Errorf("the message is blob %s, its copies %+v", row.Blob, left)
	}
}

func runIndexOf(t *testing.T, dir, name, inbox string) {
	t.Helper()
	_, err := Run(t.Context(), dir, []Source{{name, inbox}}, Options{})
	must(t, err)
}

// A mail of nothing but headings and ids takes no more of the index than others.
func TestHostileHeader(t *testing.T) {
	var ids, refs, lists strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&ids, "Message-ID: <id%d@x>\n", i)
		fmt.Fprintf(&lists, "List-Id: <l%d>\n", i)
	}
	for i := range 100000 {
		fmt.Fprintf(&refs, " <r%d@x>\n", i)
	}
	inbox, dir := t.TempDir(), t.TempDir()
	appendEpoch(t, inbox, adds(
		ids.String()+"\nmany ids\n",
		"Message-ID: <refs@x>\nReferences:"+refs.String()+"\nmany references\n",
		lists.String()+"Message-ID: <lists@x>\n\nmany lists\n",
		"Message-ID: <long@x>\nSubject: "+strings.Repeat("я", 40000)+"\nFrom: "+strings.Repeat("name ", 20000)+"<a@x>\n\nlong\n",
	))
	if s := runIndex(t, dir, inbox, Options{}); s.Messages != 4 {
		t.Errorf("stats: %+v", s)
	}
	db, err := store.Open(t.Context(), dir)
	must(t, err)
	defer db.Close()
	list, err := db.Recent(t.Context(), store.AnyInbox, time.Time{}, time.Time{}, 10)
	must(t, err)
	for _, id := range list {
		r, _, err := db.Message(t.Context(), id)
		must(t, err)
		if len(r.Refs) > 512 || len(r.Subject) > maxHeading || len(r.From.Name) > maxHeading {
			t.Errorf("%s: %d references, a subject of %d bytes, a name of %d", r.MessageID, len(r.Refs), len(r.Subject), len(r.From.Name))
		}
	}
	if key, _, ok, err := db.Mid(t.Context(), "id2999@x"); ok || err != nil {
		t.Errorf("the last of 3000 ids is row %d (%v)", key, err)
	}
}
