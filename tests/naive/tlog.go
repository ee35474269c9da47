// What golang.org/x/mod/sumdb thinks of proofs and notes: one case a line, one answer a line (true or false).
//
//	inclusion   INDEX SIZE LEAF ROOT HASH...           (hashes in hexadecimal)
//	consistency FIRST SECOND FIRST-ROOT SECOND-ROOT HASH...
//	note        VKEY NOTE                              (both in hexadecimal)
package main

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func main() {
	lines := bufio.NewReaderSize(os.Stdin, 1<<20)
	answers := bufio.NewWriter(os.Stdout)
	defer answers.Flush()
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		fmt.Fprintln(answers, holds(strings.Split(strings.TrimSuffix(line, "\n"), " ")))
	}
}

func holds(words []string) bool {
	if words[0] == "note" {
		return opens(words[1], words[2])
	}
	first, err1 := strconv.ParseInt(words[1], 10, 64)
	second, err2 := strconv.ParseInt(words[2], 10, 64)
	if err1 != nil || err2 != nil {
		return false
	}
	var hashes []tlog.Hash
	for _, word := range words[3:] {
		raw, err := hex.DecodeString(word)
		if err != nil || len(raw) != tlog.HashSize {
			return false
		}
		var hash tlog.Hash
		copy(hash[:], raw)
		hashes = append(hashes, hash)
	}
	if words[0] == "inclusion" {
		return tlog.CheckRecord(hashes[2:], second, hashes[1], first, hashes[0]) == nil
	}
	return tlog.CheckTree(hashes[2:], second, hashes[1], first, hashes[0]) == nil
}

func opens(vkey, message string) bool {
	key, err1 := hex.DecodeString(vkey)
	raw, err2 := hex.DecodeString(message)
	if err1 != nil || err2 != nil {
		panic("a case is not written in hexadecimal")
	}
	verifier, err := note.NewVerifier(string(key))
	if err != nil {
		return false
	}
	_, err = note.Open(raw, note.VerifierList(verifier))
	return err == nil
}
