// Checks an unpacked dispute bundle with golang.org/x/mod/sumdb and no line of the ledger's own:
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go run verify.go notes.go FOLDER VKEY [WITNESS-VKEY...]
//
// It says in sentences what holds. Exit code 1, and the file and line, where something does not; 2 for wrong usage.
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

var (
	headForm   = regexp.MustCompile(`\A\{"kind":"head","log":"([0-9A-Za-z_-]+)","root":"([0-9a-f]{64})","size":([1-9][0-9]{0,17}),"v":1\}\z`)
	eventForm  = regexp.MustCompile(`\A\{"kind":"[a-z]+","said":\{.*\},"v":1\}\z`)
	leafForm   = regexp.MustCompile(`\A\{"body":"([0-9a-f]{64})","decides":(true|false),"personal":(null|"([0-9a-f]{64})"),"position":([1-9][0-9]{0,14}),"v":1\}\z`)
	numberForm = regexp.MustCompile(`\A(0|[1-9][0-9]{0,17})\z`)
	digestOf   = map[string]int{"bodies": 1, "personal": 4} // the group of leafForm that holds it
)

var folder string

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: verify FOLDER VKEY [WITNESS-VKEY...]")
		os.Exit(2)
	}
	folder = os.Args[1]
	key := logKey(os.Args[2])
	var witnesses []*witness
	for _, vkey := range os.Args[3:] {
		witnesses = append(witnesses, witnessKey(vkey))
	}
	log, lines := openNote("checkpoint", key)
	say("The checkpoint of %s is signed by the key that was given: %d entries, root %s.", key.Name(), log.N, log.Hash)
	for _, each := range witnesses {
		say("%s has cosigned it, at %s.", each.name, cosigned(each, lines))
	}
	checkGrown(log, key)
	of := checkTree("", "this location", log)
	if there("terms") {
		if checkTree("terms/", "the terms", log) == of {
			refuse("terms/head.json", "this is the tree of the location once more")
		}
	} else {
		say("Nothing about the terms is here.")
	}
	say("All of this holds.")
}

// The log has only grown since an earlier checkpoint, where there is one.
func checkGrown(log tlog.Tree, key note.Verifier) {
	if !there("earlier-checkpoint") {
		if there("proofs/consistency") {
			refuse("earlier-checkpoint", "it is not there, and yet there is a proof for it")
		}
		return
	}
	earlier, _ := openNote("earlier-checkpoint", key)
	proof := readHashes("proofs/consistency", readLines("proofs/consistency"))
	var err error
	if earlier.N == 0 { // every log begins with the empty one
		if earlier.Hash != sha256.Sum256(nil) || len(proof) > 0 {
			err = fmt.Errorf("not the empty log")
		}
	} else {
		err = tlog.CheckTree(proof, log.N, log.Hash, earlier.N, earlier.Hash)
	}
	if err != nil {
		refuse("proofs/consistency", "the log has not grown out of the earlier checkpoint, so two logs were shown")
	}
	say("It has grown out of the earlier checkpoint of %d entries.", earlier.N)
}

// One tree: its head is in the log, its leaves are all there, its facts are those of the leaves. Its id.
func checkTree(in, of string, log tlog.Tree) string {
	head := headForm.FindStringSubmatch(read(in + "head.json"))
	if head == nil {
		refuse(in+"head.json", "this is no head of a tree")
	}
	proof := readLines(in + "proofs/head-inclusion")
	if len(proof) == 0 || !numberForm.MatchString(proof[0]) {
		refuse(in+"proofs/head-inclusion", "its first line is to be the head's place in the log")
	}
	index, _ := strconv.ParseInt(proof[0], 10, 64)
	hashes := readHashes(in+"proofs/head-inclusion", proof[1:])
	if tlog.CheckRecord(hashes, log.N, log.Hash, index, tlog.RecordHash([]byte(head[0]))) != nil {
		refuse(in+"proofs/head-inclusion", fmt.Sprintf("the head is not entry %d of the log", index))
	}
	newest := checkLater(in, head, index, hashes, log)
	leaves, raw := readLeaves(in + "leaves")
	if strconv.Itoa(len(leaves)) != head[3] {
		refuse(in+"leaves", fmt.Sprintf("there are %d leaves, and %s in the head", len(leaves), head[3]))
	}
	if root := rootOf(0, nil, raw); hex.EncodeToString(root[:]) != head[2] {
		refuse(in+"leaves", "these are not the leaves that the head was made of")
	}
	say("The tree of %s is %s, its size %d, its last position %s; its head is entry %d of that log, %s.", of, head[1], len(leaves), leaves[len(leaves)-1][5], index, newest)
	say("No leaf of it is missing, added or changed.")
	bodies := checkDigests(in, "bodies", leaves)
	personal := checkDigests(in, "personal", leaves)
	say("Facts here in full: %d, sealed personal parts: %d; each is the one of its leaf.", bodies, personal)
	return head[1]
}

// Every entry of the log behind the head, where they are given: none is another head of the same tree.
func checkLater(in string, head []string, index int64, proof []tlog.Hash, log tlog.Tree) string {
	name := in + "proofs/later"
	if !there(name) {
		return "and whether it is the newest is not shown"
	}
	later := readLines(name)
	for number, line := range later {
		item := fmt.Sprintf("%s, line %d", name, number+1)
		if other := headForm.FindStringSubmatch(line); other != nil && other[1] == head[1] {
			refuse(item, "this is a newer head of the same tree")
		} else if other == nil && (!eventForm.MatchString(line) || strings.HasPrefix(line, `{"kind":"head"`)) {
			refuse(item, "this is no entry of the log")
		}
	}
	if index+1+int64(len(later)) != log.N || rootOf(index, leftOf(proof, index, log.N), append([]string{head[0]}, later...)) != log.Hash {
		refuse(name, "these are not the entries that follow the head")
	}
	return "and no newer one follows"
}

// Of a proof of inclusion, the roots of what lies to the left: whole subtrees, the largest first.
func leftOf(proof []tlog.Hash, index, end int64) []tlog.Hash {
	var left []tlog.Hash
	for start, at := int64(0), len(proof)-1; at >= 0; at-- {
		half := int64(1)
		for half*2 < end-start {
			half *= 2
		}
		if index < start+half {
			end = start + half
		} else {
			start += half
			left = append(left, proof[at])
		}
	}
	return left
}

// The root over entries, the first of which stands at an index, behind subtrees with these roots.
func rootOf(index int64, left []tlog.Hash, entries []string) tlog.Hash {
	stored := map[int64]tlog.Hash{}
	for level := 62; level >= 0; level-- {
		if index>>uint(level)&1 == 1 {
			stored[tlog.StoredHashIndex(level, index>>uint(level)-1)] = left[0]
			left = left[1:]
		}
	}
	reader := tlog.HashReaderFunc(func(asked []int64) ([]tlog.Hash, error) {
		var found []tlog.Hash
		for _, each := range asked {
			found = append(found, stored[each])
		}
		return found, nil
	})
	for _, entry := range entries {
		hashes, err := tlog.StoredHashes(index, []byte(entry), reader)
		if err != nil {
			panic(err)
		}
		for number, each := range hashes {
			stored[tlog.StoredHashIndex(0, index)+int64(number)] = each
		}
		index++
	}
	root, err := tlog.TreeHash(index, reader)
	if err != nil {
		panic(err)
	}
	return root
}

// The leaves of a tree, each taken apart by leafForm, in ascending order of position.
func readLeaves(name string) ([][]string, []string) {
	var leaves [][]string
	last, lines := int64(0), readLines(name)
	for number, line := range lines {
		item := fmt.Sprintf("%s, line %d", name, number+1)
		leaf := leafForm.FindStringSubmatch(line)
		if leaf == nil {
			refuse(item, "this is no leaf of a fact")
		}
		position, _ := strconv.ParseInt(leaf[5], 10, 64)
		if position <= last {
			refuse(item, "it stands before an earlier position")
		}
		last = position
		leaves = append(leaves, leaf)
	}
	return leaves, lines
}

// How many lines of a file are there in full; each has the digest that its leaf says.
func checkDigests(in, name string, leaves [][]string) int {
	lines, count := readLines(in+name), 0
	if len(lines) != len(leaves) {
		refuse(in+name, fmt.Sprintf("there are %d lines, and %d leaves", len(lines), len(leaves)))
	}
	for number, line := range lines {
		if line == "" {
			continue
		}
		digest := sha256.Sum256([]byte(line))
		if hex.EncodeToString(digest[:]) != leaves[number][digestOf[name]] {
			refuse(fmt.Sprintf("%s%s, line %d", in, name, number+1), "it is not the one of its leaf")
		}
		count++
	}
	return count
}

func readHashes(name string, lines []string) []tlog.Hash {
	var hashes []tlog.Hash
	for _, line := range lines {
		raw := unbase64(line)
		if len(raw) != tlog.HashSize {
			refuse(name, "each line of a proof is a hash")
		}
		var hash tlog.Hash
		copy(hash[:], raw)
		hashes = append(hashes, hash)
	}
	return hashes
}

func readLines(name string) []string {
	content := read(name)
	if content == "" {
		return nil
	}
	if !strings.HasSuffix(content, "\n") {
		refuse(name, "its last line has no end")
	}
	return strings.Split(strings.TrimSuffix(content, "\n"), "\n")
}

func read(name string) string {
	content, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		refuse(name, "it is not there")
	}
	for _, each := range content {
		if each < ' ' && each != '\n' {
			refuse(name, "it has a control character in it")
		}
	}
	return string(content)
}

func there(name string) bool {
	_, err := os.Stat(filepath.Join(folder, name))
	return err == nil
}

func say(sentence string, parts ...any) { fmt.Printf(sentence+"\n", parts...) }

func refuse(item, why string) {
	fmt.Printf("This does not hold: %s: %s.\n", item, why)
	os.Exit(1)
}
