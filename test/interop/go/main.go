// Command interop does with stock code what the interoperability test compares with: it verifies a proof by torchwood, makes a log
// with the Go project's own notes and trees, and readies a litewitness.
package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log"
	"net"
	"os"
	"strings"

	"filippo.io/torchwood"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
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
	if len(os.Args) == 4 && os.Args[1] == "add-log" {
		addLog(os.Args[2], os.Args[3])
		return
	}
	if len(os.Args) == 3 && os.Args[1] == "ssh-agent" {
		serveAgent(os.Args[2])
		return
	}
	log.Fatal("usage: interop verify-proof POLICY PROOF | make-log ORIGIN | add-log DATABASE VKEY | ssh-agent SOCKET")
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

// addLog tells a litewitness of a log, as its witnessctl does, whose dependencies are more than are needed here.
func addLog(database, vkey string) {
	verifier := must(note.NewVerifier(vkey))
	db := must(sqlite.OpenConn(database))
	defer db.Close()
	empty := sha256.Sum256(nil)
	insert := func(query string, args ...any) {
		if err := sqlitex.Execute(db, query, &sqlitex.ExecOptions{Args: args}); err != nil {
			log.Fatal(err)
		}
	}
	insert("INSERT INTO log (origin, tree_size, tree_hash) VALUES (?, 0, ?)",
		verifier.Name(), base64.StdEncoding.EncodeToString(empty[:]))
	insert("INSERT INTO key (origin, key) VALUES (?, ?)", verifier.Name(), vkey)
}

// serveAgent holds a new Ed25519 key, prints its fingerprint and its public key, and signs with it until it is killed.
func serveAgent(socket string) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		log.Fatal(err)
	}
	keyring := agent.NewKeyring()
	if err := keyring.Add(agent.AddedKey{PrivateKey: private}); err != nil {
		log.Fatal(err)
	}
	listener := must(net.Listen("unix", socket))
	fingerprint := ssh.FingerprintSHA256(must(ssh.NewPublicKey(public)))
	fmt.Println(fingerprint, base64.StdEncoding.EncodeToString(public))
	for {
		conn := must(listener.Accept())
		go func() { _ = agent.ServeAgent(keyring, conn) }()
	}
}

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}
