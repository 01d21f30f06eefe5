package mbox

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestSeeds reads two mboxes that public-inbox wrote and writes them again.
func TestSeeds(t *testing.T) {
	for name, want := range map[string]int{"tarantool-fiber-v2.mbox": 5, "stable-5.4.181-rc1.mbox": 92} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join("..", "..", "..", "shared", "data", "seeds", name)
			file, err := os.ReadFile(path)
			if err != nil {
				t.Skipf("needs real mail in ../shared/data beside the project: %v", err)
			}
			src, err := Open(path, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer src.Close()
			list, err := readAll(NewReader(src))
			if err != nil || len(list) != want {
				t.Errorf("%d messages, %v; want %d", len(list), err, want)
			}
			var again []byte
			for _, raw := range list {
				again = Append(again, []byte(raw))
			}
			if !bytes.Equal(again, file) {
				t.Error(cmp.Diff(string(file), string(again)))
			}
		})
	}
}
