package web

import "strings"

// helpText explains searching and the URLs.
func helpText(q *request) string {
	base := q.url(inboxPath(q.inbox.Name))
	r := strings.NewReplacer("{inbox}", q.inbox.Name, "{base}", base, "{all}", q.url(inboxPath("all")), "{top}", q.url("/"))
	return r.Replace(helpSearch + helpURLs)
}

const helpSearch = `Help for {inbox}

Searching
---------

A search finds the messages in which every word occurs, newest first. Case
and accents do not matter. Words are found as they are written: "locks" does
not find "lock", but lock* does.

  lock punit             both words
  lock OR mutex          either; AND, OR, NOT, XOR are operators when written
                         in capitals
  lock -mutex            without; NOT mutex says the same. A search may
                         consist of a NOT alone
  (lock OR mutex) punit  groups
  "possible deadlock"    the words next to each other, in this order
  a.b-c@d                joined words are a phrase by themselves
  punit*                 words that begin with punit
  lock NEAR/5 order      at most five words apart, in either order; without a
                         number it is ten

A word without a prefix is looked for in the subject, the sender, the text with
its quotes and diffs, the names of attachments and the Message-ID. A prefix
looks in one place, and may stand before a phrase or a group: s:"circular
locking", f:(srinivas OR hans).

  s:            subject
  f:            From: name and address
  t: c: tc:     To:, Cc:, both
  a:            From:, To: and Cc:
  b:            text, with attached text
  nq: q:        text without its quotes; the quotes alone
  bs:           text and subject
  n:            names of attached files
  m: mid:       Message-ID: a part of it; the whole
  l: lid:       List-Id: a part of it; the whole
  references:   messages that name this Message-ID as one they answer
  thread:       the whole thread of this Message-ID
  list:         only this inbox, when searching all of them
  change-id:    the change-id that b4 gives a patch series

In patches:

  dfn:          names of changed files
  dfa: dfb:     removed lines; added lines
  dfctx:        the lines around a change
  dfhh:         what follows @@, mostly the name of a function
  dfpre:        the blob that is changed; seven digits or more
  dfpost:       the blob that it becomes
  dfblob:       either of them
  patchid:      what "git patch-id --stable" says of the patch

Kinds of message:

  is:patch      holds a diff
  is:reply      answers another
  is:defective  had to be repaired to be read
  has:attachment  with attached files

Dates and sizes are ranges. Both ends belong to a range, and either may be left
out. Times are UTC. What git takes for a date does here too, with dots for
spaces: yesterday, last.week, 2.months.ago, 2022-01-11.

  d:2022-01-01..2022-02-01   by the Date header, whole days
  d:last.month..             since then
  d:2022-01                  that month
  dt:20220111103100..        the same to the second, YYYYMMDDhhmmss
  rt:yesterday..             by the time the message was received
  z:100000..                 size in bytes

A search may take ten seconds. Short words with a star cost much of that: one
search may have 4 of one letter, or 8 of two, or 64 of three to five. Longer
ones are not counted.

On the pages, j and k step to the next and the previous message, thread or
result, u goes up to the message that is answered or to the list, and / goes to
the search box.

The language is public-inbox's, and so are the answers, but for this: there,
English words also find their other forms ("locks" and "locking" find "lock");
here a star does that. There, a NOT alone is an error, d: with a single day
means two, and accents make a difference.

`

const helpURLs = `Addresses
---------

Every message has an address that is made of its Message-ID and stays:

  {base}<Message-ID>/

Write the Message-ID without < and >. What an address cannot hold is
percent-encoded, above all / as %2F; a slash left as it is works, too. After
the address of a message:

  raw          the message as it was sent, for git am and mail programs
  T/           its thread, in the order it was received
  t/           its thread, as a tree
  t.mbox.gz    its thread, as a compressed mbox (mboxrd)
  t.atom       its thread, as a feed to follow

For the inbox:

  {base}  threads; ?t=20220111 is what there was at that time
  {base}new.html  the newest messages in full
  {base}new.atom  the same as a feed
  {base}topics_new.html  threads by their beginning
  {base}topics_active.html  threads by their latest message
  {base}all.mbox.gz  everything
  {base}?q=<words>  a search

A search takes, each after an &:

  x=t           with the texts
  x=A           as a feed
  r             best match first
  t             one message a thread
  l=50          at most 50
  o=50          from there on; o=-1 is the oldest first

A search can be downloaded as an mbox, with &t=1 together with the threads of
what it finds. This has to be a POST, so that robots do not:

  curl -d "" -OJ '{base}?x=m&t=1&q=<words>'

Everything in all inboxes of this site, each message once: {all}

Patches
-------

A patch series goes from here into a git repository with b4:

  git config b4.midmask '{base}%s'
  git config b4.searchmask '{base}?x=m&t=1&q=%s'
  b4 am <Message-ID>

Without it, one patch at a time:

  curl {base}<Message-ID>/raw | git am
`
