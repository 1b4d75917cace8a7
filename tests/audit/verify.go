// Checks what `tutela audit` writes with Go's own sumdb packages and nothing of Tutela's.
//
//	verify proof VKEY-FILE PROOF-FILE                 a c2sp.org/tlog-proof with its entry
//	verify grown VKEY-FILE OLD-NOTE-FILE JSON-FILE    that the log of an old checkpoint grew into a newer one
//	verify export VKEY-FILE NDJSON-FILE               a whole export: its root is the one that was signed
//	verify proofs VKEY-FILE NDJSON-FILE               an export with a proof for each entry
//	verify tiles VKEY-FILE FOLDER                     the tiles of a folder, read as Go reads tiles
package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "REFUSED:", err)
		os.Exit(1)
	}
}

func read(path string) []byte {
	data, err := os.ReadFile(path)
	check(err)
	return data
}

func verifier(path string) note.Verifier {
	v, err := note.NewVerifier(strings.TrimSpace(string(read(path))))
	check(err)
	return v
}

func hash(text string) tlog.Hash {
	data, err := base64.StdEncoding.Strict().DecodeString(text)
	check(err)
	if len(data) != tlog.HashSize {
		check(fmt.Errorf("a hash of %d bytes", len(data)))
	}
	var h tlog.Hash
	copy(h[:], data)
	return h
}

// checkpoint opens the note and reads its three lines.
func checkpoint(text []byte, v note.Verifier) tlog.Tree {
	n, err := note.Open(text, note.VerifierList(v))
	check(err)
	lines := strings.Split(n.Text, "\n")
	if len(lines) != 4 || lines[0] != v.Name() {
		check(fmt.Errorf("not a checkpoint of %s", v.Name()))
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err)
	return tlog.Tree{N: size, Hash: hash(lines[2])}
}

func checkProof(path string, v note.Verifier) {
	head, text, found := strings.Cut(string(read(path)), "\n\n")
	lines := strings.Split(head, "\n")
	if !found || len(lines) < 3 || lines[0] != "c2sp.org/tlog-proof@v1" {
		check(fmt.Errorf("not a proof"))
	}
	leaf, err := base64.StdEncoding.Strict().DecodeString(strings.TrimPrefix(lines[1], "extra "))
	check(err)
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[2], "index "), 10, 64)
	check(err)
	var proof tlog.RecordProof
	for _, line := range lines[3:] {
		proof = append(proof, hash(line))
	}
	tree := checkpoint([]byte(text), v)
	check(tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(leaf)))
	var entry struct{ Index int64 }
	check(json.Unmarshal(leaf, &entry))
	if entry.Index != index {
		check(fmt.Errorf("the entry says that it is %d, not %d", entry.Index, index))
	}
}

func checkGrown(oldPath, path string, v note.Verifier) {
	var grown struct {
		Checkpoint string
		Proof      []string `json:"consistency_proof"`
	}
	check(json.Unmarshal(read(path), &grown))
	old := checkpoint(read(oldPath), v)
	tree := checkpoint([]byte(grown.Checkpoint), v)
	var proof tlog.TreeProof
	for _, text := range grown.Proof {
		proof = append(proof, hash(text))
	}
	check(tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash))
}

type line struct {
	raw        []byte
	Entry      json.RawMessage
	Proof      []string
	Checkpoint string
}

func exported(path string) (entries []line, last line) {
	scanner := bufio.NewScanner(bytes.NewReader(read(path)))
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		var one line
		check(json.Unmarshal(scanner.Bytes(), &one))
		one.raw = append([]byte(nil), scanner.Bytes()...)
		entries = append(entries, one)
	}
	check(scanner.Err())
	return entries[:len(entries)-1], entries[len(entries)-1]
}

func checkExport(path string, v note.Verifier) {
	entries, last := exported(path)
	tree := checkpoint([]byte(last.Checkpoint), v)
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) (out []tlog.Hash, err error) {
		for _, index := range indexes {
			out = append(out, stored[index])
		}
		return out, nil
	})
	for i, entry := range entries {
		hashes, err := tlog.StoredHashes(int64(i), entry.raw, reader)
		check(err)
		stored = append(stored, hashes...)
	}
	root, err := tlog.TreeHash(int64(len(entries)), reader)
	check(err)
	if int64(len(entries)) != tree.N || root != tree.Hash {
		check(fmt.Errorf("%d entries do not give the root of %d", len(entries), tree.N))
	}
}

func checkProofs(path string, v note.Verifier) {
	entries, last := exported(path)
	tree := checkpoint([]byte(last.Checkpoint), v)
	for _, one := range entries {
		var entry struct{ Index int64 }
		check(json.Unmarshal(one.Entry, &entry))
		var proof tlog.RecordProof
		for _, text := range one.Proof {
			proof = append(proof, hash(text))
		}
		check(tlog.CheckRecord(proof, tree.N, tree.Hash, entry.Index, tlog.RecordHash(one.Entry)))
	}
	fmt.Println(len(entries))
}

// folder lets Go read our tiles: it names their height, C2SP does not.
type folder string

func (f folder) Height() int { return 8 }

func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

func (f folder) ReadTiles(tiles []tlog.Tile) (data [][]byte, err error) {
	for _, tile := range tiles {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		bytes, err := os.ReadFile(filepath.Join(string(f), path))
		if err != nil {
			return nil, err
		}
		data = append(data, bytes)
	}
	return data, nil
}

func checkTiles(path string, v note.Verifier) {
	tree := checkpoint(read(filepath.Join(path, "checkpoint")), v)
	reader := tlog.TileHashReader(tree, folder(path))
	for index := int64(0); index < tree.N; index++ {
		hashes, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, index)})
		check(err)
		proof, err := tlog.ProveRecord(tree.N, index, reader)
		check(err)
		check(tlog.CheckRecord(proof, tree.N, tree.Hash, index, hashes[0]))
	}
}

func main() {
	v := verifier(os.Args[2])
	switch os.Args[1] {
	case "proof":
		checkProof(os.Args[3], v)
	case "grown":
		checkGrown(os.Args[3], os.Args[4], v)
	case "export":
		checkExport(os.Args[3], v)
	case "proofs":
		checkProofs(os.Args[3], v)
	case "tiles":
		checkTiles(os.Args[3], v)
	default:
		check(fmt.Errorf("no such check"))
	}
	fmt.Println("ACCEPTED")
}
