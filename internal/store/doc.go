// Package store is the database: its schema, its transactions and every SQL
// statement of Bobbin. Nothing in it cannot be rebuilt from the archive.
//
// One process writes (package index, under the data directory's write lock), any
// number read. The tables are described in schema.go; one file holds the statements
// of one group of tables. Callers get Go values, never rows.
package store
