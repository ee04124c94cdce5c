# ctest label: e2e
"""What `log export` and `log prove` write is checked by Go's checksum-database library (tests/go)."""

import shutil
import subprocess
import unittest

from world import SOURCE, World, leave

SKIPPED = 77


class Export(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = world = World()
        cls.addClassCleanup(world.close)
        cls.network = world.create_network()
        world.add_unit("prov", "cb01", "grassroots_cell", "Chi bộ cơ sở")
        server = world.serve("prov", "--listen", "127.0.0.1:0")
        world.join("prov", "cell", "cb01", address=server.address)
        # More than one tile of hashes, of entries that the superior's checkpoint covers.
        cls.names = world.record("cell", *[leave(20190201)] * 300)
        world.run("sync", "--dir", world.path("cell"))
        cls.stream = cls.names[0].split("/")[0]
        cls.auditor = world.path("auditor")
        built = subprocess.run([SOURCE / "tests/go/run.sh", "--build", cls.auditor])
        if built.returncode == SKIPPED:
            raise unittest.SkipTest("go or golang-golang-x-mod-dev is not installed")
        built.check_returncode()

    def audit(self, *paths):
        done = subprocess.run([self.auditor, *paths], capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    def export(self, directory, stream):
        folder = self.world.path("export", directory, stream[:8])
        self.world.run("log", "export", "--dir", self.world.path(directory), "--stream", stream, "--out", folder)
        return folder

    def prove(self, directory, index):
        proof = self.world.path("proof", directory, str(index))
        self.world.run("log", "prove", "--dir", self.world.path(directory), f"{self.stream}/{index}", "--out", proof)
        return proof.with_name(proof.name + ".tlog-proof"), proof.with_name(proof.name + ".entry")

    def test_every_stream_of_writer_and_superior_holds(self):
        for directory in ("cell", "prov"):
            for stream in self.world.ask("log", "show", "--dir", self.world.path(directory)):
                with self.subTest(directory=directory, kind=stream["kind"]):
                    code, said = self.audit(self.export(directory, stream["stream"]))
                    self.assertEqual(0, code, said)
                    self.assertIn(f"/{stream['stream']}: {stream['size']} entries", said)

    def test_both_export_the_same(self):
        exported = [self.export(directory, self.stream) for directory in ("cell", "prov")]
        contents = [{path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
                    for folder in exported]  # fmt: skip
        self.assertEqual(*contents)

    def test_first_middle_and_last_entry_are_proved(self):
        folder = self.export("prov", self.stream)
        for index in (0, 1, 150, 255, 256, 300):
            for directory in ("cell", "prov"):
                with self.subTest(index=index, directory=directory):
                    code, said = self.audit(folder, *self.prove(directory, index))
                    self.assertEqual(0, code, said)
                    self.assertIn(f"entry {index}: proven", said)

    def test_another_entry_another_proof_or_one_byte_changed_is_refused(self):
        folder = self.export("prov", self.stream)
        proof, entry = self.prove("prov", 150)
        _, other = self.prove("prov", 151)
        self.assertEqual(1, self.audit(folder, proof, other)[0])
        for name in ("checkpoint", "tile/0/000", "tile/entries/000"):
            spoiled = self.world.path("spoiled")
            shutil.rmtree(spoiled, ignore_errors=True)
            shutil.copytree(folder, spoiled)
            content = bytearray((spoiled / name).read_bytes())
            content[len(content) // 2] ^= 1
            (spoiled / name).write_bytes(content)
            self.assertEqual(1, self.audit(spoiled, proof, entry)[0], name)


if __name__ == "__main__":
    unittest.main()
