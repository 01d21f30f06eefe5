package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// discard is an answer that nobody reads.
type discard struct{ h http.Header }

func (d discard) Header() http.Header         { return d.h }
func (d discard) Write(b []byte) (int, error) { return len(b), nil }
func (d discard) WriteHeader(int)             {}

// series makes a cover letter and n patches.
func series(n int) []string {
	mails := []string{talk[0]}
	for i := range n {
		mails = append(mails, fmt.Sprintf(`
From: Ada Lovelace <ada@example.org>
To: knit@example.org, Grace Hopper <grace@example.com>, one@example.net, two@example.net
Subject: [PATCH %d/%d] stitch: cross number %d
Message-ID: <patch-%d@example.org>
In-Reply-To: <cover@example.org>

%s---
 stitch.c | 2 +-
 1 file changed, 1 insertion(+), 1 deletion(-)

diff --git a/stitch.c b/stitch.c
index 0123456..789abcd 100644
--- a/stitch.c
+++ b/stitch.c
@@ -1,30 +1,30 @@ int main(void)
%s-	cross(two);
+	cross(two, two);
`, i+1, n, i, i, strings.Repeat("A line that says why this is done, and how.\n", 20), strings.Repeat(" 	context();\n", 29)))
	}
	return mails
}

// The cost of pages without the catalog's share, the cache off.
func BenchmarkPages(b *testing.B) {
	cat := newForum(series(50)...)
	s := New(quiet, cat, Options{CacheBytes: -1})
	for _, target := range []string{"/knit/patch-7@example.org/", "/knit/cover@example.org/T/", "/knit/"} {
		b.Run(target, func(b *testing.B) {
			r := httptest.NewRequest(http.MethodGet, "http://lists.example.net"+target, nil)
			b.ReportAllocs()
			for b.Loop() {
				s.ServeHTTP(discard{http.Header{}}, r)
			}
		})
	}
}
