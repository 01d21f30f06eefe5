package store

// SchemaVersion is kept in PRAGMA user_version. History:
//
//	1  the archive: inboxes, articles, messages, threads, full text
//	2  stray: threads stay whole after removals
const SchemaVersion = 2

// schema makes an empty database. Message-IDs are numbered by 47 bits of their SHA-256
// (column key; a clash takes the next free number), so that one B-tree serves both ways
// and a list of references is a few bytes.
const schema = `
-- One row an inbox. next_number: numbers are never given twice, even after removals.
CREATE TABLE inbox (
  id          INTEGER PRIMARY KEY,
  name        TEXT NOT NULL UNIQUE,
  next_number INTEGER NOT NULL DEFAULT 1
);

-- How far an epoch has been read. Moves in the transaction that stores the mail.
CREATE TABLE cursor (
  inbox INTEGER NOT NULL, epoch INTEGER NOT NULL,
  tip   TEXT NOT NULL,
  PRIMARY KEY (inbox, epoch)
) WITHOUT ROWID;

-- Every Message-ID that a mail has or refers to, and the thread it belongs to.
CREATE TABLE mid (
  key    INTEGER PRIMARY KEY,
  id     TEXT NOT NULL,
  thread INTEGER NOT NULL
);

-- A message, once, however many inboxes it was posted to. id: received second, or the
-- next free number after it. refs: keys of References and In-Reply-To,
-- six bytes each.
-- seq: order of arrival in this index.
CREATE TABLE message (
  id       INTEGER PRIMARY KEY,
  seq      INTEGER NOT NULL,
  mid      INTEGER NOT NULL,
  thread   INTEGER NOT NULL,
  sid      INTEGER NOT NULL, -- hash of the base subject
  sent     INTEGER NOT NULL,
  received INTEGER NOT NULL,
  bytes    INTEGER NOT NULL,
  flags    INTEGER NOT NULL,
  subject  TEXT NOT NULL,
  name     TEXT NOT NULL,
  addr     TEXT NOT NULL,
  refs     BLOB,
  blob     BLOB NOT NULL,
  hash     BLOB NOT NULL     -- first half of the content hash
);
CREATE INDEX message_mid    ON message (mid);
CREATE INDEX message_thread ON message (thread);
CREATE INDEX message_sid    ON message (sid, thread);
CREATE INDEX message_sent   ON message (sent);

-- Further Message-IDs of the few messages that carry several.
CREATE TABLE alias (
  mid INTEGER NOT NULL, msg INTEGER NOT NULL,
  PRIMARY KEY (mid, msg)
) WITHOUT ROWID;
CREATE INDEX alias_msg ON alias (msg);

-- Message-IDs that mails carried or referred to which were removed since: they stay in
-- their thread when it joins another.
CREATE TABLE stray (
  thread INTEGER NOT NULL, key INTEGER NOT NULL,
  PRIMARY KEY (thread, key)
) WITHOUT ROWID;

-- The List-Ids that mails carry, in lower case; several of one mail joined by a space.
CREATE TABLE list (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);

-- A message as an inbox numbers it. list is this copy's List-Id. blob and received are NULL when they are the message's.
CREATE TABLE article (
  inbox    INTEGER NOT NULL, number INTEGER NOT NULL,
  msg      INTEGER NOT NULL,
  epoch    INTEGER NOT NULL,
  list     INTEGER, -- NULL: none
  blob     BLOB, received INTEGER,
  PRIMARY KEY (inbox, number)
) WITHOUT ROWID;
CREATE UNIQUE INDEX article_msg ON article (msg, inbox);
CREATE INDEX article_new ON article (inbox, msg);

-- Entries of an epoch that could not be read.
CREATE TABLE fault (
  inbox INTEGER NOT NULL, epoch INTEGER NOT NULL, tip TEXT NOT NULL,
  blob  TEXT NOT NULL, reason TEXT NOT NULL,
  PRIMARY KEY (inbox, epoch, tip)
) WITHOUT ROWID;

CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
-- spill: how far an id can lie after its second; seq: messages that ever arrived;
-- shaken: counts changes of rows that stood (merged threads, removals).
INSERT INTO meta VALUES ('spill', 0), ('seq', 0), ('shaken', 0);

-- The words of every message, rowid = message.id. The text is not kept, only where the
-- words stand; it arrives folded to words (query.AppendTokens), so the plain ASCII
-- tokenizer cuts at the spaces.
CREATE VIRTUAL TABLE words USING fts5 (
  ` + textColumns + `,
  content = '', contentless_delete = 1, tokenize = "ascii tokenchars '_'"
);
`

// Columns of the table text, in order.
const (
	ColSubject = iota
	ColFrom
	ColTo
	ColCc
	ColName // attachment names
	ColBody // text that is neither quoted nor part of a diff
	ColQuote
	ColDiffName
	ColDel
	ColAdd
	ColHunk
	ColContext
	ColPre  // blob ids before
	ColPost // blob ids after
	ColPatchID
	ColMessageID
	ColChangeID
	TextColumns
)

const textColumns = `s, f, t, c, n, nq, q, dfn, dfa, dfb, dfhh, dfctx, dfpre, dfpost, patchid, m, cid`
