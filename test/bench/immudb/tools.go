//go:build tools

// Package immudb pins immudb, with which npm run bench:peers compares.
package immudb

import _ "github.com/codenotary/immudb/cmd/immudb"
