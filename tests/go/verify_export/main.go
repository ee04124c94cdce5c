// Command verify_export checks what chibo exports with code that nobody here wrote: golang.org/x/mod/sumdb/{note,tlog}.
//
//	verify_export DIR [PROOF ENTRY]
//
// DIR is an export of one stream: checkpoint, vkey, tile/. PROOF and ENTRY are a .tlog-proof and the .entry that goes
// with it, checked against DIR's vkey. Exit status 0 when everything holds, 1 when something does not, 2 for wrong use.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const tileHeight = 8
const tileWidth = 1 << tileHeight

// A checkpoint whose signature by the vkey holds.
type checkpoint struct {
	origin string
	tree   tlog.Tree
}

func openCheckpoint(msg []byte, vkey string) (checkpoint, error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return checkpoint{}, fmt.Errorf("vkey: %w", err)
	}
	opened, err := note.Open(msg, note.VerifierList(verifier))
	if err != nil {
		return checkpoint{}, fmt.Errorf("checkpoint: %w", err)
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return checkpoint{}, errors.New("checkpoint: not exactly three lines")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || strconv.FormatInt(size, 10) != lines[1] {
		return checkpoint{}, fmt.Errorf("checkpoint: size %q", lines[1])
	}
	hash, err := tlog.ParseHash(lines[2])
	if err != nil {
		return checkpoint{}, fmt.Errorf("checkpoint: root: %w", err)
	}
	if lines[0] != verifier.Name() {
		return checkpoint{}, errors.New("checkpoint: origin is not the name of the key")
	}
	return checkpoint{lines[0], tlog.Tree{N: size, Hash: hash}}, nil
}

// tileDir reads tiles from the files of an export. What it gives is checked by tlog.TileHashReader.
type tileDir string

func (dir tileDir) Height() int { return tileHeight }

func (dir tileDir) SaveTiles([]tlog.Tile, [][]byte) {}

func (dir tileDir) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		// sumdb has the height in its paths, tlog-tiles has not.
		path := strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/", tileHeight), "tile/", 1)
		data, err := os.ReadFile(filepath.Join(string(dir), path))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

// bundlePath is the path of an entry bundle: that of the hash tile above it, in another folder.
func bundlePath(n int64, width int) string {
	tile := tlog.Tile{H: tileHeight, L: 0, N: n, W: width}
	return strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/0/", tileHeight), "tile/entries/", 1)
}

func splitBundle(data []byte) ([][]byte, error) {
	var entries [][]byte
	for len(data) > 0 {
		if len(data) < 2 {
			return nil, errors.New("cut off in a length")
		}
		size := int(binary.BigEndian.Uint16(data))
		if len(data) < 2+size {
			return nil, errors.New("cut off in an entry")
		}
		entries = append(entries, data[2:2+size])
		data = data[2+size:]
	}
	return entries, nil
}

// checkEntry checks what the leaf inputs of chibo begin with: stream id and index.
func checkEntry(entry []byte, origin string, index int64) error {
	if len(entry) < 32+8+32 {
		return errors.New("shorter than stream id, index and records root")
	}
	stream := fmt.Sprintf("%x", entry[:32])
	if !strings.HasSuffix(origin, "/"+stream) {
		return fmt.Errorf("is of stream %s", stream)
	}
	if got := binary.BigEndian.Uint64(entry[32:40]); got != uint64(index) {
		return fmt.Errorf("says it is entry %d", got)
	}
	return nil
}

func checkBundle(dir string, n int64, width int, cp checkpoint, hashes tlog.HashReader) error {
	path := bundlePath(n, width)
	data, err := os.ReadFile(filepath.Join(dir, path))
	if err != nil {
		return err
	}
	entries, err := splitBundle(data)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if len(entries) != width {
		return fmt.Errorf("%s: holds %d entries", path, len(entries))
	}
	for i, entry := range entries {
		index := n*tileWidth + int64(i)
		leaf, err := hashes.ReadHashes([]int64{tlog.StoredHashIndex(0, index)})
		if err != nil {
			return err
		}
		if leaf[0] != tlog.RecordHash(entry) {
			return fmt.Errorf("entry %d does not hash to its leaf", index)
		}
		if err := checkEntry(entry, cp.origin, index); err != nil {
			return fmt.Errorf("entry %d: %w", index, err)
		}
	}
	return nil
}

// checkTree checks that every entry is there and that tiles and root are made of them.
func checkTree(dir string, cp checkpoint) error {
	hashes := tlog.TileHashReader(cp.tree, tileDir(dir))
	root, err := tlog.TreeHash(cp.tree.N, hashes)
	if err != nil {
		return err
	}
	if root != cp.tree.Hash {
		return errors.New("the tiles give another root")
	}
	for n := int64(0); n*tileWidth < cp.tree.N; n++ {
		width := tileWidth
		if left := cp.tree.N - n*tileWidth; left < tileWidth {
			width = int(left)
		}
		if err := checkBundle(dir, n, width, cp, hashes); err != nil {
			return err
		}
	}
	// An auditor who comes back checks that what he saw is still there.
	if cp.tree.N > 1 {
		old := cp.tree.N / 2
		oldHash, err := tlog.TreeHash(old, hashes)
		if err != nil {
			return err
		}
		proof, err := tlog.ProveTree(cp.tree.N, old, hashes)
		if err != nil {
			return err
		}
		if err := tlog.CheckTree(proof, cp.tree.N, cp.tree.Hash, old, oldHash); err != nil {
			return err
		}
	}
	return nil
}

// checkProof checks a c2sp.org/tlog-proof and gives the index of its entry.
func checkProof(text, entry []byte, vkey string) (int64, error) {
	head, msg, found := bytes.Cut(text, []byte("\n\n"))
	if !found {
		return 0, errors.New("no checkpoint in it")
	}
	lines := strings.Split(string(head), "\n")
	if lines[0] != "c2sp.org/tlog-proof@v1" {
		return 0, fmt.Errorf("begins with %q", lines[0])
	}
	lines = lines[1:]
	if len(lines) > 0 && strings.HasPrefix(lines[0], "extra ") {
		lines = lines[1:]
	}
	if len(lines) == 0 || !strings.HasPrefix(lines[0], "index ") {
		return 0, errors.New("no index in it")
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[0], "index "), 10, 64)
	if err != nil {
		return 0, err
	}
	var proof tlog.RecordProof
	for _, line := range lines[1:] {
		raw, err := base64.StdEncoding.DecodeString(line)
		if err != nil || len(raw) != tlog.HashSize {
			return 0, fmt.Errorf("hash %q", line)
		}
		var hash tlog.Hash
		copy(hash[:], raw)
		proof = append(proof, hash)
	}
	cp, err := openCheckpoint(msg, vkey)
	if err != nil {
		return 0, err
	}
	if err := tlog.CheckRecord(proof, cp.tree.N, cp.tree.Hash, index, tlog.RecordHash(entry)); err != nil {
		return 0, err
	}
	return index, checkEntry(entry, cp.origin, index)
}

func run(args []string) error {
	dir := args[0]
	vkeyLine, err := os.ReadFile(filepath.Join(dir, "vkey"))
	if err != nil {
		return err
	}
	vkey := strings.TrimSuffix(string(vkeyLine), "\n")
	msg, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	if err != nil {
		return err
	}
	cp, err := openCheckpoint(msg, vkey)
	if err != nil {
		return err
	}
	if err := checkTree(dir, cp); err != nil {
		return err
	}
	fmt.Printf("%s: %d entries, root %s\n", cp.origin, cp.tree.N, cp.tree.Hash)
	if len(args) == 1 {
		return nil
	}
	proof, err := os.ReadFile(args[1])
	if err != nil {
		return err
	}
	entry, err := os.ReadFile(args[2])
	if err != nil {
		return err
	}
	index, err := checkProof(proof, entry, vkey)
	if err != nil {
		return fmt.Errorf("%s: %w", args[1], err)
	}
	fmt.Printf("entry %d: proven\n", index)
	return nil
}

func main() {
	if len(os.Args) != 2 && len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: verify_export DIR [PROOF ENTRY]")
		os.Exit(2)
	}
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "verify_export:", err)
		os.Exit(1)
	}
}
