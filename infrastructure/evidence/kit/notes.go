// Keys, signed notes and cosignatures (C2SP signed-note, tlog-checkpoint, tlog-cosignature), as strictly as they allow.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

var (
	vkeyForm      = regexp.MustCompile(`\A([!-*,-~]{1,200})\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)\z`)
	textForm      = regexp.MustCompile(`\A([ -~]+)\n(0|[1-9][0-9]{0,17})\n([A-Za-z0-9+/=]+)\n\z`)
	signatureForm = regexp.MustCompile(`\A— ([!-*,-~]{1,200}) ([A-Za-z0-9+/=]+)\z`)
)

// The log's key: Ed25519, in its one written form.
func logKey(vkey string) note.Verifier {
	verifier, err := note.NewVerifier(vkey)
	form := vkeyForm.FindStringSubmatch(vkey)
	if err != nil || form == nil || unbase64(form[3]) == nil {
		refuse("key", "this is no vkey of a log; copy it whole from where it was published")
	}
	return verifier
}

// A witness, and how it signs: cosignature/v1.
type witness struct {
	name string
	id   []byte
	key  ed25519.PublicKey
}

func witnessKey(vkey string) *witness {
	form := vkeyForm.FindStringSubmatch(vkey)
	if form != nil {
		raw := unbase64(form[3])
		if len(raw) == 33 && raw[0] == 4 {
			id := sha256.Sum256(append([]byte(form[1]+"\n"), raw...))
			if hex.EncodeToString(id[:4]) == form[2] {
				return &witness{form[1], id[:4], raw[1:]}
			}
		}
	}
	refuse("witness key", "this is no vkey of a witness; copy it whole from where it was published")
	return nil
}

// A signed note of a log's state: its size and root, and the note a line. Refused unless the key has signed it.
func openNote(name string, key note.Verifier) (tlog.Tree, []string) {
	lines := readLines(name)
	if len(lines) < 5 || len(lines) > 104 || lines[3] != "" || len(strings.Join(lines, "\n")) >= 1<<16 {
		refuse(name, "a checkpoint is three lines, an empty one, and one to a hundred signatures")
	}
	text := strings.Join(lines[:3], "\n") + "\n"
	said := textForm.FindStringSubmatch(text)
	if said == nil {
		refuse(name, "a checkpoint says an origin, a size and a root")
	}
	root := unbase64(said[3])
	if len(root) != tlog.HashSize {
		refuse(name, "the root is no hash")
	}
	signatures := 0
	for _, line := range lines[4:] {
		form := signatureForm.FindStringSubmatch(line)
		if form == nil || len(unbase64(form[2])) < 5 {
			refuse(name, "a line under it is no signature")
		}
		// Each line alone: note.Open looks at the first of several signatures by one key.
		_, err := note.Open([]byte(text+"\n"+line+"\n"), note.VerifierList(key))
		if _, of_another := err.(*note.UnverifiedNoteError); of_another {
			continue
		}
		if err != nil {
			refuse(name, "the signature does not hold")
		}
		signatures++
	}
	if signatures == 0 {
		refuse(name, "it is not signed by the key that was given")
	}
	if said[1] != key.Name() {
		refuse(name, "it is of another log than the key")
	}
	size, _ := strconv.ParseInt(said[2], 10, 64)
	tree := tlog.Tree{N: size}
	copy(tree.Hash[:], root)
	return tree, lines
}

// When a witness says that it has seen this checkpoint grow out of the one before.
func cosigned(by *witness, lines []string) string {
	text := strings.Join(lines[:3], "\n") + "\n"
	for _, line := range lines[4:] {
		form := signatureForm.FindStringSubmatch(line)
		raw := unbase64(form[2])
		if form[1] != by.name || !bytes.Equal(raw[:4], by.id) || len(raw) != 76 {
			continue
		}
		at := binary.BigEndian.Uint64(raw[4:12])
		message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", at, text)
		if at < 1<<32 && ed25519.Verify(by.key, []byte(message), raw[12:]) {
			return time.Unix(int64(at), 0).UTC().Format("2006-01-02T15:04:05Z")
		}
	}
	refuse("checkpoint", by.name+" has not cosigned it")
	return ""
}

// The bytes of base64 in its one form; nil for anything else.
func unbase64(text string) []byte {
	raw, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || base64.StdEncoding.EncodeToString(raw) != text {
		return nil
	}
	return raw
}
