// Command interop does with stock code what the interoperability test compares with: it verifies a proof by torchwood, and makes a log
// with the Go project's own notes and trees.
package main

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"strings"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) == 4 && os.Args[1] == "verify-proof" {
		verifyProof(os.Args[2], os.Args[3])
		return
	}
	if len(os.Args) == 3 && os.Args[1] == "make-log" {
		makeLog(os.Args[2])
		return
	}
	log.Fatal("usage: interop verify-proof POLICY PROOF | make-log ORIGIN")
}

// verifyProof checks a tlog-proof whose extra data is the record itself.
func verifyProof(policyFile, proofFile string) {
	policyText := must(os.ReadFile(policyFile))
	proof := must(os.ReadFile(proofFile))
	policy := must(torchwood.ParsePolicy(policyText))
	record := must(torchwood.ProofExtraData(proof))
	if err := torchwood.VerifyProof(policy, tlog.RecordHash(record), proof); err != nil {
		log.Fatal(err)
	}
	fmt.Println("verified")
}

type hashes []tlog.Hash

func (h hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	found := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		found[i] = h[index]
	}
	return found, nil
}

// makeLog prints a log's verifier key and the add-checkpoint requests of its growth.
func makeLog(origin string) {
	secret, vkey, err := note.GenerateKey(rand.Reader, origin)
	if err != nil {
		log.Fatal(err)
	}
	signer := must(note.NewSigner(secret))
	var stored hashes
	var requests []string
	old := int64(0)
	for size := int64(1); size <= 40; size++ {
		added := must(tlog.StoredHashes(size-1, []byte(fmt.Sprintf("record %d", size)), stored))
		stored = append(stored, added...)
		if size%13 != 1 {
			continue
		}
		root := must(tlog.TreeHash(size, stored))
		signed := must(note.Sign(&note.Note{Text: fmt.Sprintf("%s\n%d\n%s\n", origin, size, root)}, signer))
		var request strings.Builder
		fmt.Fprintf(&request, "old %d\n", old)
		if old > 0 {
			for _, hash := range must(tlog.ProveTree(size, old, stored)) {
				fmt.Fprintf(&request, "%s\n", hash)
			}
		}
		fmt.Fprintf(&request, "\n%s", signed)
		requests = append(requests, request.String())
		old = size
	}
	out := map[string]any{"verifierKey": vkey, "requests": requests}
	if err := json.NewEncoder(os.Stdout).Encode(out); err != nil {
		log.Fatal(err)
	}
}

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}
