package index

import (
	"bufio"
	"compress/gzip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"bobbin/internal/archive"
	"bobbin/internal/store"

	"github.com/google/go-cmp/cmp"
)

// shared holds real archives, which are not part of the project.
const shared = "../../../shared/data"

// expectedArticle is an article as public-inbox 1.9 numbers, dates and threads it.
type expectedArticle struct {
	Number         int64
	MessageID      string
	Thread         int64 // the number of the thread's first article
	Received, Sent int64
	Blob           string
}

func readExpected(t *testing.T, name string) []expectedArticle {
	t.Helper()
	f, err := os.Open(filepath.Join(shared, "expected", name+".tsv.gz"))
	must(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	must(t, err)
	var list []expectedArticle
	lines := bufio.NewScanner(z)
	for lines.Scan() {
		row := strings.Split(lines.Text(), "\t")
		var n [4]int64
		for i, s := range []string{row[0], row[2], row[3], row[4]} {
			n[i], err = strconv.ParseInt(s, 10, 64)
			must(t, err)
		}
		list = append(list, expectedArticle{n[0], row[1], n[1], n[2], n[3], row[5]})
	}
	must(t, lines.Err())
	return list
}

// indexedArticles gives the first inbox of an index in the same form.
func indexedArticles(t *testing.T, dir string) []expectedArticle {
	t.Helper()
	db, err := store.Open(t.Context(), dir)
	must(t, err)
	defer db.Close()
	copies, err := db.Articles(t.Context(), 1, 1, 1<<30)
	must(t, err)
	first := map[int64]int64{}
	var list []expectedArticle
	for _, c := range copies {
		r, _, err := db.Message(t.Context(), c.Msg)
		must(t, err)
		if first[r.Thread] == 0 {
			first[r.Thread] = c.Number
		}
		list = append(list, expectedArticle{c.Number, r.MessageID, first[r.Thread], r.Received.Unix(), r.Sent.Unix(), r.Blob})
	}
	return list
}

// Numbers, Message-IDs, times, blobs and threads of a real archive are what public-inbox
// makes of it, without exception.
func TestExpected(t *testing.T) {
	const name = "platform-driver-x86"
	bundle, err := filepath.Abs(filepath.Join(shared, name+".bundle"))
	must(t, err)
	if _, err := os.Stat(bundle); err != nil {
		t.Skipf("no real archives beside the project: %v", err)
	}
	inbox, dir := filepath.Join(t.TempDir(), name), t.TempDir()
	b, err := archive.Create(t.Context(), inbox, archive.CreateOptions{Name: name, Address: name + "@vger.kernel.org"})
	must(t, err)
	_, err = b.AddEpochFrom(t.Context(), bundle, nil)
	must(t, err)
	runIndex(t, dir, inbox, Options{})
	got, want := indexedArticles(t, dir), readExpected(t, name)
	if len(got) != len(want) {
		t.Errorf("%d articles, want %d", len(got), len(want))
	}
	different := 0
	for i := range min(len(got), len(want)) {
		if d := cmp.Diff(want[i], got[i]); d != "" && different < 20 {
			different++
			t.Errorf("article %d: %s", want[i].Number, d)
		}
	}
}
