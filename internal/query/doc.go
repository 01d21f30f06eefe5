// Package query is Bobbin's search language: the one public-inbox users know, read
// into a syntax tree. It knows nothing of storage; whoever holds an index turns the
// tree into its own terms. The package also owns the tokenizer, because what the
// indexer calls a word and what a query calls a word must be the same thing.
//
// # Trees
//
// [Parse] gives trees in a normal form that a translator can rely on:
//
//   - And and Or have at least two kids and hold no kid of their own kind.
//   - Not stands only inside an And, after every kid that is no Not, and there is at
//     least one of those: a pure NOT is And{All, Not{x}}.
//   - All stands alone (the empty query) or at the head of such an And.
//   - Near holds two or more word terms of one field.
//
// The text of a tree (String) parses back to an equal tree.
package query
